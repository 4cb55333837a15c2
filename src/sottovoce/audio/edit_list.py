"""The edit list of an MP4 file's sound: when its track begins, and how much of it is an encoder's delay.

For sound that begins later than the picture ffmpeg writes the first, but not the second.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from sottovoce.errors import SottovoceError


class _Place(NamedTuple):
    name: bytes
    body: int
    end: int


def delay(path: Path, samples: int) -> None:
    """Let the first samples of the sound be left out, and the others be heard when they were.

    Args:
        path: an MP4 file whose movie and sound count time in samples, and whose sound begins after its picture.
        samples: how many the encoder put before the sound.

    Raises:
        SottovoceError: it has no such list. The message does not name the file.
    """
    with path.open("r+b") as file:
        size = file.seek(0, 2)
        for track in _inside(file, _Place(b"", 0, size), b"moov", b"trak"):
            handler = next(_inside(file, track, b"mdia", b"hdlr"), None)
            place = next(_inside(file, track, b"edts", b"elst"), None)
            if handler is None or place is None or _read(file, handler.body + 8, 4) != b"soun":
                continue
            form = struct.Struct(">IiI" if _read(file, place.body, 1) == b"\0" else ">QqI")
            first, second = place.body + 8, place.body + 8 + form.size
            if struct.unpack(">I", _read(file, place.body + 4, 4)) != (2,):
                continue
            (empty, nothing, rate), (duration, start, _) = (
                form.unpack(_read(file, where, form.size)) for where in (first, second)
            )
            if (nothing, start) == (-1, 0) and duration > samples:
                file.seek(first)
                file.write(form.pack(empty + samples, -1, rate) + form.pack(duration - samples, samples, rate))
                return
    raise SottovoceError("ffmpeg did not write when the sound begins; install another version of it")


def _inside(file: BinaryIO, outer: _Place, *names: bytes) -> Iterator[_Place]:
    """The atoms at the end of a path of names."""
    for place in _atoms(file, outer):
        if place.name == names[0]:
            yield from _inside(file, place, *names[1:]) if names[1:] else [place]


def _atoms(file: BinaryIO, outer: _Place) -> Iterator[_Place]:
    start = outer.body
    while start + 8 <= outer.end:
        size, name = struct.unpack(">I4s", _read(file, start, 8))
        body = start + 8
        if size == 1:
            (size,), body = struct.unpack(">Q", _read(file, body, 8)), start + 16
        end = start + size if size else outer.end
        if not body <= end <= outer.end:
            return
        yield _Place(name, body, end)
        start = end


def _read(file: BinaryIO, position: int, size: int) -> bytes:
    file.seek(position)
    return file.read(size)
