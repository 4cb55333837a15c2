"""Damage to files: what disks and networks do, and what somebody does who wants to hurt a reader."""

import re
import string
import struct
from collections.abc import Sequence
from random import Random

_MOST = 1 << 17
"""Bytes of a damaged file: readers are to be tried often, not long."""
_NUMBERS = (b"0", b"-1", b"1e999", b"NaN", b"0.5", b"4294967296", b"9223372036854775808", b"9" * 400, b"null", b"[]")
_TEXTS = (b"\0", b"\x1b[2J", b"\r\n", b"\xff", "\u202e".encode(), b'"', b"../" * 8, b"," * 300, b"[" * 2000, b"\\ud800")


def mutated(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Damage a file in one to four ways.

    Args:
        content: a valid file.
        others: more of its kind, parts of which may get into it.
        random: decides; the same state gives the same file.
    """
    for _ in range(random.choice((1, 1, 2, 4))):
        content = random.choice(_KINDS)(content, others, random)[:_MOST]
    return content


def _place(content: bytes, random: Random) -> int:
    """A position, in every other case near the start, where headers are."""
    return random.randrange(min(len(content), random.choice((64, 512, 1 << 30)))) if content else 0


def _flipped(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    changed = bytearray(content)
    for _ in range(random.choice((1, 1, 4, 32)) if content else 0):
        changed[_place(content, random)] ^= 1 << random.randrange(8)
    return bytes(changed)


def _overwritten(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    start, size = _place(content, random), random.choice((1, 4, 16, 256))
    new = random.choice((random.randbytes(size), bytes(size), b"\xff" * size))
    return content[:start] + new + content[start + size :]


def _extreme(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """A field of 1 to 8 bytes, such as a length, becomes as large or small as it can, or a little wrong."""
    width, order = random.choice((1, 2, 4, 8)), random.choice(("little", "big"))
    start, most = _place(content, random), (1 << 8 * width) - 1
    near = int.from_bytes(content[start : start + width], order)
    chosen = random.choice((0, 1, most, most - 1, most // 2, most // 2 + 1, len(content), near + 1, near - 1, near * 2))
    return content[:start] + (chosen & most).to_bytes(width, order) + content[start + width :]


def _truncated(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    return content[: _place(content, random)]


def _without(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    start = _place(content, random)
    return content[:start] + content[start + random.choice((1, 4, 8, 64, 1024)) :]


def _repeated(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """A part comes again, right behind or elsewhere; whole chunks, pages and rows are among them."""
    start, size = _place(content, random), random.choice((1, 8, 64, 1024, len(content)))
    again = content[start : start + size] * random.choice((1, 1, 2, 50))
    where = start + size if random.random() < 0.5 else _place(content, random)
    return content[:where] + again + content[where:]


def _spliced(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    other = random.choice(others)
    return content[: _place(content, random)] + other[_place(other, random) :]


def _renumbered(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """A number that is written in digits becomes another."""
    found = list(re.finditer(rb"-?\d+(\.\d+)?", content[:4096]))
    if not found:
        return _extreme(content, others, random)
    start, end = random.choice(found).span()
    return content[:start] + random.choice(_NUMBERS) + content[end:]


def _with_text(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    start = _place(content, random)
    letters = "".join(random.choices(string.printable, k=8)).encode()
    return content[:start] + random.choice((*_TEXTS, letters)) + content[start:]


def _with_magic(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Begins like another kind of file, or like an ID3 tag of any size."""
    size = struct.pack(">I", random.getrandbits(32) & 0x7F7F7F7F)
    other = random.choice(others)
    return random.choice((other[:4] + content[4:], other[:16] + content[16:], b"ID3\4\0\0" + size + content))


_KINDS = (
    _flipped,
    _overwritten,
    _extreme,
    _extreme,
    _truncated,
    _without,
    _repeated,
    _spliced,
    _renumbered,
    _with_text,
    _with_magic,
)
