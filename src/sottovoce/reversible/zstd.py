"""Zstandard frames, whose claimed sizes are checked before anything is allocated for them."""

import zstandard

_LEVEL = 9
_RATIO = (1 << 17) // 4
"""How far a frame can compress: a block holds at most 128 KiB and takes at least four bytes."""


def compress(data: bytes) -> bytes:
    """A frame that tells its size."""
    return zstandard.compress(data, _LEVEL)


def decompress(frame: bytes) -> bytes:
    """Undo `compress`.

    Raises:
        ValueError: it is no such frame, or claims to hold more than a frame of its length can.
    """
    try:
        size = zstandard.frame_content_size(frame)
        if not 0 <= size <= _RATIO * len(frame):
            raise ValueError("a compressed part claims more than it can hold, or nothing")
        return zstandard.decompress(frame)
    except zstandard.ZstdError as error:
        raise ValueError("a compressed part is damaged") from error
