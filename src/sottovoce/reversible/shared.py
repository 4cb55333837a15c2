"""A video in terms of a copy with other sound: the packets that lie in both are taken from the copy.

A run is a range of bytes that both files have. Everything between the runs (the sound, headers, indexes) is kept.
"""

import mmap
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sottovoce.audio import streams

SHORTEST = 32
"""Bytes of a packet that is worth a run; a shorter one might be found in the wrong place."""
_REACH = 1 << 26
"""Bytes in which the next packet of a stream is looked for."""
_RUN = struct.Struct("<QQQ")
_PIECE = 1 << 20


class Run(NamedTuple):
    """A range of bytes that two files have.

    Attributes:
        before: how many bytes of the original lie between the run before and this one.
        place: where it begins in the copy.
        size: number of bytes.
    """

    before: int
    place: int
    size: int


def split(original: Path, copy: Path) -> tuple[bytes, bytes]:
    """The runs of an original in a copy, packed, and all its other bytes.

    Args:
        original: a video.
        copy: a video with the same packets, but for the sound.

    Raises:
        SottovoceError: ffmpeg is not installed, or cannot read the original.
    """
    with (
        original.open("rb") as file,
        copy.open("rb") as other,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as own,
        mmap.mmap(other.fileno(), 0, access=mmap.ACCESS_READ) as its,
    ):
        found = list[tuple[int, int, int]]()
        for number, stream in enumerate(streams.streams(original)):
            if stream.kind in ("video", "subtitle"):
                sizes = [packet.size for packet in stream.packets]
                found += _places(own, its, streams.contents(original, number, sizes))
        runs, rest, done = list[Run](), list[bytes](), 0
        for start, place, size in sorted(found):
            if start < done:
                continue
            if start == done and runs and runs[-1].place + runs[-1].size == place:
                runs[-1] = runs[-1]._replace(size=runs[-1].size + size)
            else:
                rest.append(own[done:start])
                runs.append(Run(start - done, place, size))
            done = start + size
        rest.append(own[done:])
    return b"".join(_RUN.pack(*run) for run in runs), b"".join(rest)


def joined(runs: bytes, rest: bytes, copy: Path) -> Iterator[bytes]:
    """The original again, in pieces.

    Args:
        runs, rest: as from `split`.
        copy: the same file as then.
    """
    done = 0
    with copy.open("rb") as file:
        for before, place, size in _RUN.iter_unpack(runs):
            yield rest[done : done + before]
            done += before
            file.seek(place)
            while size > 0 and (piece := file.read(min(size, _PIECE))):
                size -= len(piece)
                yield piece
    yield rest[done:]


def _places(own: mmap.mmap, its: mmap.mmap, packets: Iterator[bytes]) -> Iterator[tuple[int, int, int]]:
    """Where the packets of a stream lie in both files, and their sizes; packets are in the order of the files."""
    here = there = 0
    for packet in packets:
        if len(packet) < SHORTEST:
            continue
        start = own.find(packet, here, here + _REACH)
        place = its.find(packet, there, there + _REACH)
        if start < 0 or place < 0:  # stored in another form than ffmpeg gives it
            continue
        here, there = start + len(packet), place + len(packet)
        yield start, place, len(packet)
