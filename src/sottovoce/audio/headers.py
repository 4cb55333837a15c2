"""Lengths stated in file headers that libsndfile ignores or only estimates."""

from typing import BinaryIO, Literal

# Programs that write to a pipe do not know the size and state a number of at least this.
_UNKNOWN_SIZE = 0x7FFF_F000
_LARGEST_OGG_PAGE = 27 + 255 + 255 * 255


def is_truncated(file: BinaryIO) -> bool:
    """Whether a WAV, AIFF or Ogg file is truncated, which libsndfile does not report.

    WAV (RIFF, RIFX, RF64) and AIFF files are truncated if the chunk of samples is longer than the rest of the file, Ogg
    files if the last page is incomplete or not marked as the end of the stream (RFC 3533, section 6).

    Example:
        >>> import io
        >>> is_truncated(io.BytesIO(b"RIFF....WAVEdata" + (100).to_bytes(4, "little") + bytes(99)))
        True

    Args:
        file: opened in binary mode for reading; its position is changed.
    """
    file.seek(0)
    magic = file.read(12)[:4]
    if magic == b"OggS":
        return _ogg_is_truncated(file)
    if magic in (b"RIFF", b"RF64"):
        return _chunk_is_truncated(file, "little")
    return magic in (b"RIFX", b"FORM") and _chunk_is_truncated(file, "big")


def _chunk_is_truncated(file: BinaryIO, byte_order: Literal["little", "big"]) -> bool:
    position, end = 12, file.seek(0, 2)
    long_size = None
    while position + 8 <= end:
        file.seek(position)
        name, size = file.read(4), int.from_bytes(file.read(4), byte_order)
        if name == b"ds64":  # RF64: sizes of more than 32 bits
            long_size = int.from_bytes(file.read(16)[8:], "little")
        elif name in (b"data", b"SSND"):
            if long_size is not None:
                size = long_size
            elif size >= _UNKNOWN_SIZE:
                return False
            return position + 8 + size > end
        position += 8 + size + size % 2
    return False


def _ogg_is_truncated(file: BinaryIO) -> bool:
    end = file.seek(0, 2)
    file.seek(max(0, end - _LARGEST_OGG_PAGE))
    tail = file.read()
    page = tail[tail.rfind(b"OggS") :]
    if len(page) < 27:
        return True
    segments = page[27 : 27 + page[26]]
    is_last = bool(page[5] & 4)
    return not is_last or len(page) < 27 + page[26] + sum(segments)


def is_mpeg_of_unknown_length(file: BinaryIO) -> bool:
    """Whether this is MPEG audio without a Xing, Info or VBRI header.

    libsndfile estimates the length of such a file and does not read beyond it.

    Args:
        file: opened in binary mode for reading; its position is changed.
    """
    file.seek(0)
    tag = file.read(10)
    start = 0
    if tag.startswith(b"ID3") and len(tag) == 10:  # the size has seven bits in each byte
        start = 10 + sum(byte << shift for byte, shift in zip(tag[6:], (21, 14, 7, 0), strict=True))
    file.seek(start)
    frame = file.read(64)
    is_layer_two_or_three = len(frame) > 1 and frame[0] == 0xFF and frame[1] & 0xE0 == 0xE0 and frame[1] & 6 in (2, 4)
    return is_layer_two_or_three and not any(name in frame for name in (b"Xing", b"Info", b"VBRI"))
