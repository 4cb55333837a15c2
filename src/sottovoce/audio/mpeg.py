"""Frames of MPEG audio (ISO/IEC 11172-3 and 13818-3).

libsndfile reads as many frames as the Xing or Info header in the first frame states, and without such a header as many
as it guesses from the size of the file. Files that were joined, streamed or wrapped in WAV have more. They are split
where another such header begins; a header that is missing or wrong is replaced.
"""

import struct
from functools import cache
from typing import BinaryIO, NamedTuple

from sottovoce.audio.parts import Part, TruncatedError, bytes_at

# kbit/s by the index in the header; MPEG-1 layers I to III, MPEG-2 and 2.5 layer I, and layers II and III
_BIT_RATES = {
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = (44_100, 48_000, 32_000)
_CONSECUTIVE = 4
"""Frames in a row that tell MPEG audio from other bytes."""
_LARGEST = 2_881
"""Bytes of the largest frame."""
_RESYNC = 65_536
"""Bytes between frames that are searched for the next one."""


class Frame(NamedTuple):
    """What the header of a frame states."""

    layer: int
    rate: int
    channels: int
    samples: int
    size: int
    info: int
    """Where a Xing or Info header would lie within the frame."""

    def is_like(self, other: "Frame") -> bool:
        """Whether the frames may belong to one stream."""
        return (self.layer, self.rate, self.channels) == (other.layer, other.rate, other.channels)


class Stream(NamedTuple):
    """Frames that follow each other.

    Attributes:
        start: position of the first frame.
        stop: end of the last frame, or of the rest of one that was cut.
        frames: number of whole frames with sound.
        stated: the same by the Xing or Info header; None without one.
        first: the first frame.
        sound: position of the first frame with sound.
    """

    start: int
    stop: int
    frames: int
    stated: int | None
    first: Frame
    sound: int


def frame_at(content: bytes, position: int) -> Frame | None:
    """The frame at a position; None if there is none, or one of free format."""
    header = content[position : position + 4]
    return _frame(header) if len(header) == 4 and header[0] == 0xFF and header[1] & 0xE0 == 0xE0 else None


@cache
def _frame(header: bytes) -> Frame | None:
    _, one, two, three = header
    version, layer = one >> 3 & 3, 4 - (one >> 1 & 3)
    bits, rate = two >> 4, two >> 2 & 3
    if version == 1 or layer == 4 or bits in (0, 15) or rate == 3:
        return None
    generation = 1 if version == 3 else 2
    hertz = _RATES[rate] >> (0, 1, 2)[(3, 2, 0).index(version)]
    samples = 384 if layer == 1 else 576 if (layer, generation) == (3, 2) else 1152
    slot = 4 if layer == 1 else 1
    kilobits = _BIT_RATES[generation, layer][bits - 1]
    size = (samples // 8 // slot * kilobits * 1000 // hertz + (two >> 1 & 1)) * slot
    mono = three >> 6 == 3
    side = ((32, 17) if generation == 1 else (17, 9))[mono]
    return Frame(layer, hertz, 1 if mono else 2, samples, size, 4 + side)


def is_mpeg(file: BinaryIO, start: int, stop: int) -> bool:
    """Whether MPEG audio begins at this position, after any tags."""
    while size := tag_size(bytes_at(file, start, 32)):
        start += size
    content = bytes_at(file, start, max(0, min(stop - start, 4 * _LARGEST)))
    return _is_stream(content, 0, 2)


def parts(file: BinaryIO, start: int, stop: int, container: str | None = None) -> list[Part]:
    """The parts of MPEG audio that libsndfile counts correctly.

    Args:
        file: opened in binary mode for reading.
        start: first byte of the audio, or of the tags before it.
        stop: end of the audio.
        container: libsndfile's name of the container around it, if there is one.

    Raises:
        TruncatedError: there are fewer frames than stated. The last one may be incomplete or missing: encoders that are
            stopped leave such files, and 0.07 s at most are lost.
    """
    content = bytes_at(file, start, stop - start)
    found: list[Part] = []
    for stream in streams(content):
        if stream.stated is not None and stream.frames < stream.stated - 1:
            raise TruncatedError
        first = 0 if not found else stream.start  # with the tags before the first frame
        last = stream.stop
        while content[last : last + 8].startswith((b"TAG", b"APETAGEX")):  # and those after the last
            last += tag_size(content[last : last + 32]) or len(content)
        if stream.first.layer == 3 and (stream.stated is None or stream.frames > stream.stated):
            header = content[stream.sound : stream.sound + 4]
            head = content[first : stream.start] + _info_frame(header, stream.frames)
            found.append(Part(start + stream.sound, min(start + last, stop), head, container))
        else:
            least = 0 if stream.first.layer == 3 else stream.frames * stream.first.samples
            found.append(Part(start + first, min(start + last, stop), b"", container, least))
    if found:
        found[-1] = found[-1]._replace(stop=stop)
    return found


def streams(content: bytes) -> list[Stream]:
    """The streams that MPEG audio consists of, each with its own Xing or Info header.

    Args:
        content: frames, with tags between them.
    """
    found: list[Stream] = []
    position, current = 0, None
    while position < len(content):
        frame = frame_at(content, position)
        follows = frame is not None and (
            (current is not None and frame.is_like(current.first) and position + frame.size <= len(content))
            or _is_stream(content, position, _CONSECUTIVE)
        )
        if frame is None or not follows:
            if frame is not None and current is not None and position + frame.size > len(content):
                current = current._replace(stop=len(content))  # the last frame is incomplete
                break
            following = _next(content, position)
            if following is None:
                break
            position = following
            continue
        stated = _stated(content, position, frame)
        if current is None or stated is not None or not frame.is_like(current.first):
            if current is not None:
                found.append(current)
            count = 0 if stated is not None else 1
            after = position + frame.size
            current = Stream(position, after, count, stated, frame, after if stated is not None else position)
        else:
            current = current._replace(stop=position + frame.size, frames=current.frames + 1)
        position += frame.size
    if current is not None:
        found.append(current)
    return found


def _next(content: bytes, position: int) -> int | None:
    """Where the frames go on after a tag or other bytes."""
    if size := tag_size(content[position : position + 32]):
        return position + size
    limit = min(len(content), position + _RESYNC)
    while True:
        position = content.find(b"\xff", position + 1, limit)
        if position < 0:
            return None
        if _is_stream(content, position, _CONSECUTIVE):
            return position


def _is_stream(content: bytes, position: int, frames: int) -> bool:
    """Whether this many frames of one kind follow, or fewer up to the very end."""
    first = frame_at(content, position)
    frame = first
    for _ in range(frames):
        if frame is None or first is None or not frame.is_like(first):
            return False
        position += frame.size
        if position >= len(content):
            return position == len(content)
        frame = frame_at(content, position)
    return True


def tag_size(tag: bytes) -> int:
    """Size of an ID3v2, ID3v1 or APE tag from its first 32 bytes; 0 if it is none."""
    if tag.startswith(b"ID3") and len(tag) >= 10:  # the size has seven bits in each byte
        footer = 10 if tag[5] & 0x10 else 0
        return 10 + footer + sum(byte << shift for byte, shift in zip(tag[6:10], (21, 14, 7, 0), strict=True))
    if tag.startswith(b"APETAGEX") and len(tag) == 32:
        has_header = tag[23] & 0x80
        return int.from_bytes(tag[12:16], "little") + (32 if has_header else 0)
    return 128 if tag.startswith(b"TAG") else 0


def _stated(content: bytes, position: int, frame: Frame) -> int | None:
    """The number of frames in a Xing, Info or VBRI header; None without one, -1 if it has no number."""
    place = position + frame.info
    if frame.layer == 3 and content[place : place + 4] in (b"Xing", b"Info") and place + 12 <= len(content):
        flags, number = struct.unpack_from(">II", content, place + 4)
        return number if flags & 1 else -1
    if content[position + 36 : position + 40] == b"VBRI":
        return -1  # libsndfile does not know it
    return None


def _info_frame(header: bytes, frames: int) -> bytes:
    """A frame without sound that states how many frames follow."""
    for bits in range(1, 15):  # the smallest that has room for it
        candidate = bytes([header[0], header[1] | 1, bits << 4 | header[2] & 0x0C, header[3]])  # no CRC, no padding
        frame = frame_at(candidate, 0)
        if frame is not None and frame.size >= frame.info + 12:
            return (candidate + bytes(frame.info - 4) + struct.pack(">4sII", b"Info", 1, frames)).ljust(
                frame.size, b"\0"
            )
    raise AssertionError("a frame of the highest bit rate has room for twelve bytes")
