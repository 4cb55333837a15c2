"""Lengths stated in the headers of uncompressed files: WAV, RF64, W64, AIFF, CAF, AU, NIST SPHERE, AVR and VOC.

libsndfile reads as many samples as the header states, or as many as there are if these are fewer, and reports neither.
Here a file that is shorter than stated is truncated. A length that is missing, because the recorder crashed or wrote to
a pipe, is corrected in memory, as is one that contradicts the size of the whole file. Any other difference is an error.
"""

import io
import re
from collections.abc import Callable
from typing import BinaryIO, Literal, NamedTuple

from sottovoce.audio.parts import NeedsFFmpegError, Part, TruncatedError, bytes_at
from sottovoce.errors import SottovoceError

Order = Literal["little", "big"]

# Programs that write to a pipe do not know the size and state a number of at least this.
_UNKNOWN_SIZE = 0x7FFF_F000
_MPEG_LAYER_3 = 0x55
_RIFF_GUID = b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"
_TAGS = (b"TAG", b"ID3", b"APETAGEX")


class Field(NamedTuple):
    """Where a header states the size of the sound, plus `extra` bytes."""

    position: int
    width: int
    order: Order
    extra: int

    def of(self, size: int) -> bytes:
        """The bytes that state a size; the largest number if it does not fit."""
        return min(size + self.extra, (1 << 8 * self.width) - 1).to_bytes(self.width, self.order)


class Sound(NamedTuple):
    """The sound in a file by its header.

    Attributes:
        start: position of the first sample.
        stated: bytes of sound; None if unknown.
        field: where that is stated; None if libsndfile does not need it.
        end: end of the file by the outermost header; 0 if unknown, -1 if there is no such header.
        following: size of a chunk from its first bytes, None if they are no chunk.
        alignment: chunks begin at multiples of this number of bytes.
        is_mpeg: MP3 in WAV.
    """

    start: int
    stated: int | None
    field: Field | None
    end: int = -1
    following: Callable[[bytes], int | None] = lambda head: None
    alignment: int = 1
    is_mpeg: bool = False


def sound_in(file: BinaryIO, begin: int, stop: int) -> Sound | None:
    """The sound in the container that begins at a position; None if it is of another kind, or its header is damaged.

    Args:
        file: opened in binary mode for reading.
        begin: first byte of the container.
        stop: end of the file.

    Raises:
        TruncatedError: the container ends within the sound.
        NeedsFFmpegError: the sound is in several pieces.
    """
    head = bytes_at(file, begin, 24)
    for magic, reader in _READERS.items():
        if head.startswith(magic):
            return reader(file, begin, stop)
    return None


def begins_container(head: bytes) -> bool:
    """Whether the first 12 bytes are those of a sound file."""
    if head[:4] in (b"RIFF", b"RIFX", b"RF64"):
        return head[8:12] == b"WAVE"
    if head[:4] == b"FORM":
        return head[8:12] in (b"AIFF", b"AIFC", b"8SVX", b"16SV")
    return any(head.startswith(magic[:12]) for magic in _READERS)


def part_of(file: BinaryIO, begin: int, stop: int, sound: Sound) -> tuple[Part, int]:
    """The part that holds all of the sound, and where the next recording begins in the file (`stop` if none does).

    Args:
        file: opened in binary mode for reading.
        begin: first byte of the container.
        stop: end of the file.
        sound: what the header says.

    Raises:
        TruncatedError: there is less sound than stated.
        SottovoceError: there are more bytes than stated, which may be sound. The message does not name the file.
    """
    rest = stop - sound.start
    is_whole = sound.end > 0 and 0 <= stop - sound.end <= 1
    counts_header = sound.end == 0 and sound.stated == stop - begin
    if sound.stated is not None and sound.stated > rest and not is_whole and not counts_header:
        raise TruncatedError
    if sound.stated is not None and sound.stated <= rest:
        following = _after(file, sound, stop)
        if following is not None:
            return Part(begin, following), following
        if sound.stated and not is_whole:
            raise SottovoceError(
                f"its header states {sound.stated} bytes of sound, but {rest} bytes follow; repair it with the program "
                "that wrote it, or with ffmpeg"
            )
    if sound.field is None:
        return Part(begin, stop), stop
    if sound.field.width < 4 and rest + sound.field.extra >= 1 << 8 * sound.field.width:
        raise NeedsFFmpegError("its header does not state its length")
    head = bytes_at(file, begin, sound.start - begin)
    place = sound.field.position - begin
    return Part(sound.start, stop, head[:place] + sound.field.of(rest) + head[place + sound.field.width :]), stop


def _after(file: BinaryIO, sound: Sound, stop: int) -> int | None:
    """Where the next recording begins, or `stop`; None if what follows the sound is neither chunks nor tags."""
    position = sound.start + (sound.stated or 0)
    agrees = 0 <= sound.end - position <= 1
    position += -position % sound.alignment
    while stop - position > 1:
        head = bytes_at(file, position, 24)
        if begins_container(head):
            return position
        size = sound.following(head)
        if size is None or (size > stop - position and head[:4].strip().lower() not in _KNOWN):
            is_harmless = head.startswith(_TAGS) or (agrees and stop - position < 8)
            is_silent = bool(sound.stated) and _is_zero(file, position, stop)
            return stop if is_harmless or is_silent else None
        position += size + -size % sound.alignment
    return stop


_KNOWN = {b"list", b"id3", b"bext", b"ixml", b"cue", b"smpl", b"inst", b"fact", b"peak", b"_pmx", b"axml", b"junk"}
"""Chunks that may be cut at the end of a file whose sound is whole."""


def _is_zero(file: BinaryIO, position: int, stop: int) -> bool:
    while position < stop:
        block = bytes_at(file, position, min(stop - position, 1 << 20))
        if block.strip(b"\0"):
            return False
        position += len(block)
    return True


def _is_name(name: bytes) -> bool:
    return len(name) == 4 and all(0x20 <= byte < 0x7F for byte in name)


def _known(size: int, *unknown: int) -> int | None:
    return None if size in unknown else size


# ---- RIFF and IFF: chunks of a name of four bytes and a size of four bytes


def _riff(file: BinaryIO, begin: int, stop: int) -> Sound | None:
    order: Order = "big" if bytes_at(file, begin, 4) == b"RIFX" else "little"
    chunks = _chunks(file, begin, stop, order)
    if b"data" not in chunks:
        return None
    start, size = chunks[b"data"]
    end = int.from_bytes(bytes_at(file, begin + 4, 4), order)
    field, unknown = Field(start - 4, 4, order, 0), size >= _UNKNOWN_SIZE
    if b"ds64" in chunks and bytes_at(file, begin, 4) == b"RF64":  # sizes of 64 bits
        long = chunks[b"ds64"][0]
        end, size = (int.from_bytes(bytes_at(file, long + place, 8), "little") for place in (0, 8))
        field, unknown = Field(long + 8, 8, "little", 0), size == 2**64 - 1
    form = bytes_at(file, chunks[b"fmt "][0], 2) if b"fmt " in chunks else b""
    return Sound(
        start,
        None if unknown else size,
        field,
        begin + 8 + end if 0 < end < _UNKNOWN_SIZE or 0xFFFF_FFFF < end < 1 << 62 else 0,
        lambda head: 8 + int.from_bytes(head[4:8], order) if _is_name(head[:4]) and head[:4] != b"data" else None,
        2,
        int.from_bytes(form, order) == _MPEG_LAYER_3,
    )


def _iff(file: BinaryIO, begin: int, stop: int) -> Sound | None:
    chunks = _chunks(file, begin, stop, "big")
    end = int.from_bytes(bytes_at(file, begin + 4, 4), "big")
    extra = 0
    if b"SSND" in chunks:  # two numbers come before the samples, the first an offset to them
        start, size = chunks[b"SSND"]
        extra = 8 + int.from_bytes(bytes_at(file, start, 4), "big")
    elif b"BODY" in chunks:
        start, size = chunks[b"BODY"]
    else:
        return None
    return Sound(
        start + extra,
        None if size >= _UNKNOWN_SIZE else max(0, size - extra),
        Field(start - 4, 4, "big", extra),
        begin + 8 + end if 0 < end < _UNKNOWN_SIZE else 0,
        lambda head: 8 + int.from_bytes(head[4:8], "big") if _is_name(head[:4]) and head[:4] != b"SSND" else None,
        2,
    )


def _chunks(file: BinaryIO, begin: int, stop: int, order: Order) -> dict[bytes, tuple[int, int]]:
    """Start and size of the content of each chunk up to the sound."""
    found: dict[bytes, tuple[int, int]] = {}
    position = begin + 12
    while position + 8 <= stop and not found.keys() & {b"data", b"SSND", b"BODY"}:
        head = bytes_at(file, position, 8)
        size = int.from_bytes(head[4:], order)
        found.setdefault(head[:4], (position + 8, size))
        position += 8 + size + size % 2
    return found


def with_aiff_length(content: bytes, frames: int, channels: int) -> bytes:
    """An AIFF file of 8 bits with its true length: libsndfile 1.2.2 counts the byte that pads an odd number as sound.

    Args:
        content: the file.
        frames: number of samples in each channel.
        channels: number of channels.
    """
    chunks = _chunks(io.BytesIO(content), 0, len(content), "big")
    count, size = chunks[b"COMM"][0] + 2, chunks[b"SSND"][0] - 4
    corrected = bytearray(content)
    corrected[count : count + 4] = frames.to_bytes(4, "big")
    corrected[size : size + 4] = (8 + frames * channels).to_bytes(4, "big")
    return bytes(corrected)


# ---- Others


def _w64(file: BinaryIO, begin: int, stop: int) -> Sound | None:
    if bytes_at(file, begin, 16) != _RIFF_GUID:
        return None
    end = int.from_bytes(bytes_at(file, begin + 16, 8), "little")

    def following(head: bytes) -> int | None:
        size = int.from_bytes(head[16:24], "little")  # with the 24 bytes of name and size
        return size if len(head) == 24 and 24 <= size < 2**62 and head[6:8] in (b"\xd3\x11", b"\xcf\x11") else None

    position = begin + 40
    while position + 24 <= stop:
        head = bytes_at(file, position, 24)
        if head.startswith(b"data"):
            size = int.from_bytes(head[16:], "little")
            stated = None if size >= 2**62 else max(0, size - 24)
            outer = begin + end if 0 < end < 2**62 else 0
            return Sound(position + 24, stated, Field(position + 16, 8, "little", 24), outer, following, 8)
        size = int.from_bytes(head[16:], "little")
        if size < 24:
            return None
        position += size + -size % 8
    return None


def _caf(file: BinaryIO, begin: int, stop: int) -> Sound | None:
    position = begin + 8
    while position + 12 <= stop:
        head = bytes_at(file, position, 12)
        size = int.from_bytes(head[4:], "big", signed=True)
        if head.startswith(b"data"):  # four bytes that count edits come before the samples
            return Sound(
                position + 16,
                None if size < 4 else size - 4,
                Field(position + 4, 8, "big", 4),
                -1,
                lambda head: 12 + int.from_bytes(head[4:12], "big") if _is_name(head[:4]) else None,
            )
        if size < 0:
            return None
        position += 12 + size
    return None


def _au(file: BinaryIO, begin: int, stop: int) -> Sound | None:
    head = bytes_at(file, begin, 12)
    order: Order = "big" if head.startswith(b".snd") else "little"
    start, size = int.from_bytes(head[4:8], order), int.from_bytes(head[8:12], order)
    if not 24 <= start <= stop - begin:
        return None
    return Sound(begin + start, _known(size, 0, 0xFFFF_FFFF), Field(begin + 8, 4, order, 0))


def _sphere(file: BinaryIO, begin: int, stop: int) -> Sound | None:
    first = bytes_at(file, begin, 16).split()
    if len(first) < 2 or not first[1].isdigit():
        return None
    text = bytes_at(file, begin, int(first[1]))
    number = {name: int(value) for name, value in re.findall(rb"(\w+) -i (\d+)", text)}
    coding = re.search(rb"sample_coding -s\d+ (\S+)", text)
    start, width = begin + int(first[1]), number.get(b"sample_n_bytes", 0) * number.get(b"channel_count", 1)
    if coding is not None and b"shorten" in coding[1]:  # compressed
        return None
    return Sound(start, _known(number.get(b"sample_count", 0) * width, 0), None)


def _avr(file: BinaryIO, begin: int, stop: int) -> Sound | None:
    head = bytes_at(file, begin, 128)
    channels, bits = 2 if any(head[12:14]) else 1, int.from_bytes(head[14:16], "big")
    frames = int.from_bytes(head[26:30], "big")
    return Sound(begin + 128, _known(frames * channels * (bits // 8), 0), None)


def _voc(file: BinaryIO, begin: int, stop: int) -> Sound | None:
    sounds: list[Sound] = []
    position = begin + int.from_bytes(bytes_at(file, begin + 20, 2), "little")
    while position + 4 <= stop:
        head = bytes_at(file, position, 4)
        kind, size = head[0], int.from_bytes(head[1:], "little")
        if kind == 0:
            break
        if kind in (1, 2, 3, 9):  # sound of old kind, more of it, silence, sound of new kind
            extra = {1: 2, 9: 12}.get(kind, 0)
            field = Field(position + 1, 3, "little", extra)
            stated = _known(max(0, size - extra), 0)
            sounds.append(Sound(position + 4 + extra, stated, field, -1, _next_block))
            if stated is None:
                break
        if position + 4 + size > stop and kind != 5:
            raise TruncatedError
        position += 4 + size
    if len(sounds) > 1:
        raise NeedsFFmpegError("its sound is in several blocks")
    return sounds[0] if sounds else None


def _next_block(head: bytes) -> int | None:
    """Size of a block without sound."""
    if head[0] == 0:
        return 1
    return 4 + int.from_bytes(head[1:4], "little") if 4 <= head[0] <= 8 else None


_READERS: dict[bytes, Callable[[BinaryIO, int, int], Sound | None]] = {
    b"RIFF": _riff,
    b"RIFX": _riff,
    b"RF64": _riff,
    b"FORM": _iff,
    _RIFF_GUID: _w64,
    b"caff": _caf,
    b".snd": _au,
    b"dns.": _au,
    b"NIST_1A": _sphere,
    b"2BIT": _avr,
    b"Creative Voice File": _voc,
}
