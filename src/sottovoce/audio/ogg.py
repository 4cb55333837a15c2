"""Pages of Ogg files (RFC 3533).

Recordings that follow each other in one file, as some encoders and radio stations write them, are a chain of logical
streams. libsndfile reads only the first, so each becomes a part.
"""

from typing import BinaryIO

from sottovoce.audio.parts import Part, TruncatedError, bytes_at
from sottovoce.errors import SottovoceError

_LARGEST_HEADER = 27 + 255
_CONTINUED, _FIRST, _LAST = 1, 2, 4


def parts(file: BinaryIO, start: int, stop: int) -> list[Part]:
    """The links of a chain, each of which libsndfile reads whole.

    Args:
        file: opened in binary mode for reading.
        start: first byte of the first page.
        stop: end of the file.

    Raises:
        TruncatedError: the last page of a link is incomplete or not marked as the end of its stream (RFC 3533, section
            6).
        SottovoceError: there are other bytes between pages, or pages are missing. The message does not name the file.
    """
    begins = [start]
    position, flags = start, _FIRST
    numbers: dict[bytes, int] = {}
    while position < stop:
        page = bytes_at(file, position, _LARGEST_HEADER)
        if not page.startswith(b"OggS"[: len(page)]):
            if flags & _LAST and b"OggS" not in bytes_at(file, position, stop - position):
                break  # a tag or the like
            raise SottovoceError("damaged or truncated (an Ogg page is not where it should be); use another copy")
        if len(page) < 27 or len(page) < 27 + page[26]:
            raise TruncatedError
        if page[5] & _FIRST and not flags & _FIRST:
            if not flags & _LAST:
                raise TruncatedError
            begins.append(position)
            numbers.clear()
        stream, number = page[14:18], int.from_bytes(page[18:22], "little")
        if number > numbers.get(stream, number - 1) + 1:
            raise SottovoceError("damaged (Ogg pages are missing); use another copy")
        numbers[stream] = number
        flags = page[5]
        position += 27 + page[26] + sum(page[27 : 27 + page[26]])
    if position > stop or not flags & _LAST:
        raise TruncatedError
    return [Part(begin, end) for begin, end in zip(begins, [*begins[1:], min(position, stop)], strict=True)]
