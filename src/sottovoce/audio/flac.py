"""Lengths of FLAC files (RFC 9639).

Encoders that write to a pipe cannot state the number of samples. It is taken from the last frame, which says where it
begins, and corrected in the header. Of files that were joined, each is a part.
"""

from functools import cache
from typing import BinaryIO

from sottovoce.audio.parts import Part, TruncatedError, bytes_at

_SEARCHED = 1 << 20
_LARGEST_FRAME = 1 << 18
_MOST_FRAMES = 64
"""Frames at the end of which the last intact one is looked for; each takes as long as reading all that follows it."""
_MAGIC = b"fLaC\0\0\0\x22"
"""The marker and the header of the first block, STREAMINFO, which has 34 bytes."""
_BLOCK_SIZES = {1: 192, **{code: 144 << code for code in range(2, 6)}, **{code: 1 << code for code in range(8, 16)}}


def parts(file: BinaryIO, start: int, stop: int) -> list[Part]:
    """The recordings of a FLAC file, each with the number of its samples in its header.

    Args:
        file: opened in binary mode for reading.
        start: position of the marker.
        stop: end of the file.

    Raises:
        TruncatedError: the last frame ends before the number of samples that is stated.
    """
    begins = _begins(file, start, stop)
    return [_part(file, *ends) for ends in zip(begins, [*begins[1:], stop], strict=True)]


def _begins(file: BinaryIO, start: int, stop: int) -> list[int]:
    found = [start]
    position = start + len(_MAGIC)
    while position < stop:
        block = bytes_at(file, position, min(stop - position, _SEARCHED + len(_MAGIC)))
        place = block.find(_MAGIC)
        if place >= 0:
            found.append(position + place)
        position += place + len(_MAGIC) if place >= 0 else _SEARCHED
    return found


def _part(file: BinaryIO, start: int, stop: int) -> Part:
    head = bytes_at(file, start, 26)
    block, stated = int.from_bytes(head[8:10], "big"), int.from_bytes(head[21:26], "big") & 0xF_FFFF_FFFF
    tail = max(start, stop - _LARGEST_FRAME)
    samples = samples_until(bytes_at(file, tail, stop - tail), block)
    if samples is None or samples == stated:
        return Part(start, stop)
    if samples < stated:
        raise TruncatedError
    number = (head[21] & 0xF0) << 32 | samples
    return Part(start + 26, stop, head[:21] + number.to_bytes(5, "big"))


def samples_until(content: bytes, block: int) -> int | None:
    """Number of samples of a stream up to the end of its last frame.

    Args:
        content: the end of the stream.
        block: samples in each frame but the last, if the stream has a fixed block size.

    Returns:
        None if none of the last frames is intact and ends with `content`.
    """
    position, tried = len(content), 0
    while tried < _MOST_FRAMES and (position := content.rfind(b"\xff", 0, position)) >= 0:
        found = _frame_end(content[position : position + 16], block)
        if found is not None and _crc(content[position:], 0x8005, 16) == 0:
            return found
        tried += found is not None
    return None


def _frame_end(header: bytes, block: int) -> int | None:
    """The number of the sample after a frame; None if these bytes do not begin one."""
    if len(header) < 6 or header[1] & 0xFE != 0xF8 or header[3] & 1:
        return None
    length = 8 - (header[4] ^ 0xFF).bit_length()  # of a number coded as in UTF-8, in up to 7 bytes; 0 stands for 1
    if length in (1, 8):
        return None
    number = header[4] & 0x7F >> length
    position = 4 + max(1, length)
    for byte in header[5:position]:
        number = number << 6 | byte & 0x3F
    size_code, rate_code = header[2] >> 4, header[2] & 15
    size = _BLOCK_SIZES.get(size_code, 0)
    if size_code in (6, 7):
        size = int.from_bytes(header[position : position + size_code - 5], "big") + 1
        position += size_code - 5
    position += {12: 1, 13: 2, 14: 2}.get(rate_code, 0)
    if not size or _crc(header[: position + 1], 0x07, 8) != 0:
        return None
    is_variable = header[1] & 1
    return (number if is_variable else number * block) + size


def _crc(content: bytes, polynomial: int, bits: int) -> int:
    """Cyclic redundancy check, most significant bit first, from zero; zero over content and its check."""
    table, mask = _crc_table(polynomial, bits), (1 << bits) - 1
    value = 0
    for byte in content:
        value = (value << 8 ^ table[value >> (bits - 8) ^ byte]) & mask
    return value


@cache
def _crc_table(polynomial: int, bits: int) -> tuple[int, ...]:
    table = []
    for byte in range(256):
        value = byte << (bits - 8)
        for _ in range(8):
            value = value << 1 ^ (polynomial if value >> (bits - 1) & 1 else 0)
        table.append(value & ((1 << bits) - 1))
    return tuple(table)
