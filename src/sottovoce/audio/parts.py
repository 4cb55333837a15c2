"""Byte ranges of a file that libsndfile decodes one by one."""

import os
from typing import BinaryIO, NamedTuple

from sottovoce.errors import SottovoceError


class Part(NamedTuple):
    """One recording in a file, in the form in which libsndfile reads all of it.

    Attributes:
        start: first byte of the file to read.
        stop: end of the bytes to read.
        head: bytes to read before those of the file, such as a corrected header.
        format: libsndfile's name of the container around the part, if there is one.
        frames: number of samples in each channel that there are, if libsndfile may find fewer.
    """

    start: int
    stop: int
    head: bytes = b""
    format: str | None = None
    frames: int = 0


class TruncatedError(SottovoceError):
    """The file is shorter than its header states. The message does not name the file."""

    def __init__(self) -> None:
        super().__init__("the file is truncated; use another copy, or save what is left with ffmpeg")


class NeedsFFmpegError(SottovoceError):
    """libsndfile cannot read all of the file. The message does not name the file.

    Args:
        reason: what it cannot read.
        seconds: duration of the whole recording, if known.
    """

    def __init__(self, reason: str, seconds: float = 0.0) -> None:
        super().__init__(reason)
        self.seconds = seconds


class View:
    """A part as a file for libsndfile.

    Example:
        >>> import io
        >>> View(io.BytesIO(b"0123456789"), Part(4, 7, head=b"ab")).read()
        b'ab456'

    Args:
        file: the whole file, opened in binary mode for reading.
        part: the range to read.
    """

    def __init__(self, file: BinaryIO, part: Part) -> None:
        self._file, self._part, self._position = file, part, 0

    def tell(self) -> int:
        """Position of the next byte to read."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a position, as in any file."""
        end = len(self._part.head) + self._part.stop - self._part.start
        self._position = offset + (0, self._position, end)[whence]
        return self._position

    def read(self, size: int = -1) -> bytes:
        """The next bytes; all that are left if `size` is negative."""
        part = self._part
        stop = None if size < 0 else self._position + size
        content = part.head[self._position : stop]
        start = part.start + self._position + len(content) - len(part.head)
        wanted = part.stop - start if size < 0 else min(part.stop - start, size - len(content))
        if wanted > 0:
            content += bytes_at(self._file, start, wanted)
        self._position += len(content)
        return content


def bytes_at(file: BinaryIO, position: int, size: int) -> bytes:
    """Up to `size` bytes of a file from a position on."""
    file.seek(position)
    return file.read(size)


def size_of(file: BinaryIO) -> int:
    """Number of bytes in a file."""
    return file.seek(0, os.SEEK_END)
