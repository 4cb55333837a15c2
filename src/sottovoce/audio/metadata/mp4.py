"""Metadata of MP4 files (M4A, MOV): tags, location, time of the recording.

They lie in the atoms `udta`, `meta` and `uuid` of the file, of its movie and of the sound track, and in the headers of
movie and track.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple, Self

from sottovoce.audio.metadata.container import Fields, OtherContainerError, file_size
from sottovoce.audio.metadata.fields import by_mutagen, named

_KEPT = (b"udta", b"meta", b"uuid")
_HEADERS = (b"mvhd", b"tkhd", b"mdhd")
_MOST_ATOMS = 100_000
_WITHIN = {b"udta": b"meta", b"meta": b"ilst"}
_TIMING = b"iTunSMPB"
"""A tag that says how many samples the encoder put before and behind the sound; players cut them off."""


class _Atom(NamedTuple):
    name: bytes
    body: bytes

    def written(self) -> bytes:
        return (8 + len(self.body)).to_bytes(4, "big") + self.name + self.body


class _Place(NamedTuple):
    name: bytes
    start: int
    body: int
    end: int


@dataclass(frozen=True)
class Mp4Atoms:
    """The metadata of an MP4 file.

    Attributes:
        file_atoms, movie_atoms, track_atoms: atoms with metadata of the file, the movie, and the sound track.
        times: by the name of the header, its times of creation and modification in seconds since 1904.
        common: the metadata in the terms that all containers share.
        lost: names of what cannot be kept.
    """

    file_atoms: list[_Atom]
    movie_atoms: list[_Atom]
    track_atoms: list[_Atom]
    times: dict[bytes, tuple[int, int]]
    common: Fields
    lost: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, file: BinaryIO) -> Self | None:
        file.seek(4)
        if file.read(4) != b"ftyp":
            return None
        file_atoms, movie, lost = list[_Atom](), list[_Atom](), list[str]()
        for place in _places(file):
            if place.name in (*_KEPT, b"moov"):
                file.seek(place.body)
                atom = _Atom(place.name, file.read(place.end - place.body))
                if atom.name == b"moov" and not movie:
                    movie = _children(atom.body)
                elif atom.name in _KEPT:
                    file_atoms.append(_without_timing(atom))
        tracks = [_children(atom.body) for atom in movie if atom.name == b"trak"]
        sound = next((track for track in tracks if _handler(track) == b"soun"), [])
        lost += [f"track '{_handler(track).decode('latin-1')}'" for track in tracks if track is not sound]
        try:
            common = by_mutagen(file)
        except Exception:  # mutagen raises many kinds
            common = Fields({}, ["tags"])
        located = any(child.name in (b"\xa9xyz", b"loci") for atom in movie for child in _children(atom.body))
        return cls(
            file_atoms,
            [_without_timing(atom) for atom in movie if atom.name in _KEPT],
            [atom for atom in sound if atom.name in _KEPT],
            _times([*movie, *sound]),
            Fields(common.texts, [*common.others, *["location"] * located]),
            lost,
        )

    @classmethod
    def holding(cls, texts: Mapping[str, str], encoded: BinaryIO) -> Self | None:
        encoded.seek(4)
        if encoded.read(4) != b"ftyp":
            return None
        handler = _Atom(b"hdlr", bytes(8) + b"mdirappl" + bytes(9))
        entries = [_Atom(each.atom, _value(each.comment, text).written()) for each, text in named(texts)]
        listed = _Atom(b"ilst", b"".join(entry.written() for entry in entries))
        meta = _Atom(b"meta", bytes(4) + handler.written() + listed.written())
        return cls([], [_Atom(b"udta", meta.written())] if entries else [], [], {}, Fields(texts, []))

    def onto(self, encoded: bytes) -> bytes:
        file = io.BytesIO(encoded)
        places = list(_places(file)) if encoded[4:8] == b"ftyp" else []
        movie = next((place for place in places if place.name == b"moov"), None)
        if movie is None:
            raise OtherContainerError
        new = self._with_movie(encoded[movie.body : movie.end])
        atoms = b"".join(atom.written() for atom in self.file_atoms)
        if movie is places[-1]:
            return b"".join([memoryview(encoded)[: movie.start], new, atoms])
        # The samples must not move, so the movie goes to the end.
        free = encoded[movie.start : movie.body].replace(b"moov", b"free")
        return b"".join([encoded[: movie.start], free, memoryview(encoded)[movie.body :], new, atoms])

    def _with_movie(self, body: bytes) -> bytes:
        atoms = [self._rewritten(atom) for atom in _children(body) if atom.name not in _KEPT]
        return _holding(b"moov", [*atoms, *self.movie_atoms]).written()

    def _rewritten(self, atom: _Atom) -> _Atom:
        if atom.name in self.times:
            return _Atom(atom.name, _timed(atom.body, self.times[atom.name]))
        if atom.name == b"mdia":
            return _holding(atom.name, [self._rewritten(child) for child in _children(atom.body)])
        if atom.name == b"trak":
            track = [self._rewritten(child) for child in _children(atom.body) if child.name not in _KEPT]
            return _holding(atom.name, [*track, *self.track_atoms])
        return atom

    def fields(self) -> Fields:
        return self.common


def _places(file: BinaryIO, start: int = 0) -> Iterator[_Place]:
    """The atoms of a file, up to the first that is cut off."""
    end = file_size(file)
    for _ in range(_MOST_ATOMS):
        file.seek(start)
        head = file.read(16)
        size, body = int.from_bytes(head[:4], "big"), start + 8
        if size == 1:
            size, body = int.from_bytes(head[8:], "big"), start + 16
        elif size == 0:
            size = end - start
        if len(head) < 8 or size < body - start or start + size > end:
            return
        yield _Place(head[4:8], start, body, start + size)
        start += size


def _children(body: bytes) -> list[_Atom]:
    return [_Atom(place.name, body[place.body : place.end]) for place in _places(io.BytesIO(body))]


def _child(atoms: list[_Atom], name: bytes) -> bytes:
    return next((atom.body for atom in atoms if atom.name == name), b"")


def _handler(track: list[_Atom]) -> bytes:
    return _child(_children(_child(track, b"mdia")), b"hdlr")[8:12]


def _holding(name: bytes, atoms: list[_Atom]) -> _Atom:
    return _Atom(name, b"".join(atom.written() for atom in atoms))


def _times(atoms: list[_Atom]) -> dict[bytes, tuple[int, int]]:
    times: dict[bytes, tuple[int, int]] = {}
    media = [child for atom in atoms if atom.name == b"mdia" for child in _children(atom.body)]
    for atom in [*atoms, *media]:
        if atom.name in _HEADERS and len(atom.body) >= 20:
            width = _width(atom.body)
            first, second = atom.body[4 : 4 + width], atom.body[4 + width : 4 + 2 * width]
            times[atom.name] = int.from_bytes(first, "big"), int.from_bytes(second, "big")
    return times


def _timed(body: bytes, times: tuple[int, int]) -> bytes:
    width = _width(body)
    if max(times) >= 1 << 8 * width:
        return body
    return body[:4] + b"".join(time.to_bytes(width, "big") for time in times) + body[4 + 2 * width :]


def _width(header: bytes) -> int:
    """Bytes of a time in a header of this version."""
    return 8 if header[0] == 1 else 4


def _without_timing(atom: _Atom) -> _Atom:
    """Metadata without the tag that says which samples of the old encoding to cut off."""
    if _TIMING not in atom.body:
        return atom
    if atom.name in _WITHIN:  # and nothing else: each atom in another takes memory for both
        start = 4 if atom.name == b"meta" and atom.body[4:8] != b"hdlr" else 0  # QuickTime's has no version
        inside = [
            _without_timing(child) if child.name == _WITHIN[atom.name] else child
            for child in _children(atom.body[start:])
        ]
        return _Atom(atom.name, atom.body[:start] + _holding(b"", inside).body)
    if atom.name == b"ilst":
        return _holding(atom.name, [child for child in _children(atom.body) if _TIMING not in child.body])
    return atom


def _value(comment: str, text: str) -> _Atom:
    """The value of a tag: UTF-8, or the numbers of a track."""
    if comment != "tracknumber":
        return _Atom(b"data", (1).to_bytes(4, "big") + bytes(4) + text.encode())
    numbers = [int(part) if part.strip().isdigit() else 0 for part in text.split("/")[:2]]
    pair = [min(number, 0xFFFF).to_bytes(2, "big") for number in [*numbers, 0][:2]]
    return _Atom(b"data", bytes(10) + b"".join(pair) + bytes(2))
