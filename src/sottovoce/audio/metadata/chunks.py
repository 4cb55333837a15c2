"""Chunks of WAV (RIFF, RIFX, RF64), AIFF, Wave64 and CAF files.

All chunks of the source are kept byte for byte and in their order, except those that describe the encoded samples,
which come from the encoder. The format chunk of the source is kept, too, if it says the same: it may say more, such as
the positions of the loudspeakers.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Literal, Self

from sottovoce.audio.metadata import id3
from sottovoce.audio.metadata.container import Fields, OtherContainerError, file_size
from sottovoce.audio.metadata.fields import FIELDS, decoded, named

_MOST_CHUNKS = 10_000
_BLOCK = 1 << 20
_FILLERS = (b"JUNK", b"junk", b"PAD ", b"FLLR", b"filr", b"free")
_PLAIN_ENCODINGS = (1, 3, 6, 7)
"""Format tags: PCM, float, A-law, mu-law."""
_EXTENSIBLE = 0xFFFE
_INFO = {field.info: field.comment for field in FIELDS} | {b"IPRT": "tracknumber"}
_AIFF_TEXTS = {b"NAME": "title", b"AUTH": "artist", b"(c) ": "copyright", b"ANNO": "comment"}
_W64_FILE = b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"


@dataclass(frozen=True)
class _Dialect:
    """How a container writes its chunks.

    Attributes:
        header: bytes before the first chunk.
        name, size: bytes of a chunk's name and of its size.
        order: byte order of the size.
        alignment: chunks begin at its multiples.
        samples: name of the chunk of samples; W64's names begin with the four bytes of WAV's.
        before_samples: bytes between the beginning of that chunk and the samples.
        description: name of the chunk that describes the samples.
        encoded: names of the other chunks that belong to the encoded samples.
        size_counts_head: whether the size includes name and size.
    """

    header: int
    name: int
    size: int
    order: Literal["little", "big"]
    alignment: int
    samples: bytes
    before_samples: int
    description: bytes
    encoded: tuple[bytes, ...]
    size_counts_head: bool = False

    @property
    def head(self) -> int:
        return self.name + self.size

    def written(self, name: bytes, body: bytes) -> bytes:
        size = len(body) + self.head * self.size_counts_head
        return name + size.to_bytes(self.size, self.order) + body + bytes(-len(body) % self.alignment)


_RIFF = _Dialect(12, 4, 4, "little", 2, b"data", 0, b"fmt ", (b"fact", b"PEAK", b"ds64"))
_RIFX = _Dialect(12, 4, 4, "big", 2, b"data", 0, b"fmt ", (b"fact", b"PEAK"))
_AIFF = _Dialect(12, 4, 4, "big", 2, b"SSND", 8, b"COMM", (b"FVER", b"PEAK"))
_W64 = _Dialect(40, 16, 8, "little", 8, b"data", 0, b"fmt ", (b"fact",), size_counts_head=True)
_CAF = _Dialect(8, 4, 8, "big", 1, b"data", 4, b"desc", (b"kuki", b"pakt", b"peak"))


@dataclass(frozen=True)
class _Place:
    """Where the body of a chunk lies in a file."""

    name: bytes
    start: int
    end: int

    @property
    def kind(self) -> bytes:
        return self.name[:4]


def sample_span(file: BinaryIO) -> tuple[int, int] | None:
    """Where the bytes of the samples lie in a file, start and end; None for other containers than these.

    A size of 0 or beyond the end of the file, as an interrupted recorder leaves it, means up to the end.

    Example:
        >>> sample_span(io.BytesIO(b"RIFF....WAVEdata" + (4).to_bytes(4, "little") + b"1234cue "))
        (20, 24)
    """
    dialect = _dialect(file)
    if dialect is None:
        return None
    place = next((place for place in _walk(file, dialect) if place.kind == dialect.samples), None)
    if place is None:
        return None
    start = place.start + dialect.before_samples
    if dialect is _AIFF:
        file.seek(place.start)
        start += int.from_bytes(file.read(4), "big")  # an offset for alignment
    return min(start, place.end), place.end


def _dialect(file: BinaryIO) -> _Dialect | None:
    file.seek(0)
    start = file.read(16)
    if start[:4] in (b"RIFF", b"RF64", b"BW64", b"RIFX") and start[8:12] == b"WAVE":
        return _RIFX if start[:4] == b"RIFX" else _RIFF
    if start[:4] == b"FORM" and start[8:12] in (b"AIFF", b"AIFC"):
        return _AIFF
    if start == _W64_FILE:
        return _W64
    return _CAF if start[:4] == b"caff" else None


def _walk(file: BinaryIO, dialect: _Dialect) -> Iterator[_Place]:
    """The chunks of a file up to the first that is not one or is cut off."""
    position, end, long_size = dialect.header, file_size(file), None
    for _ in range(_MOST_CHUNKS):
        start = position + dialect.head
        file.seek(position)
        head = file.read(dialect.head)
        name, size = head[: dialect.name], int.from_bytes(head[dialect.name :], dialect.order)
        if len(head) < dialect.head or not _is_name(name):
            return
        size -= dialect.head * dialect.size_counts_head
        if name == b"ds64":  # RF64: sizes of more than 32 bits
            long_size = int.from_bytes(file.read(16)[8:], "little")
        if name[:4] == dialect.samples:
            size = size if long_size is None else long_size
            size = min(size, end - start) if size > 0 else end - start
        if size < 0 or start + size > end:
            return
        yield _Place(name, start, start + size)
        position = start + size + -(start + size - dialect.header) % dialect.alignment
        if position != start + size and dialect.alignment == 2:
            file.seek(start + size)
            after = file.read(5)
            if _is_name(after[:4]) and not _is_name(after[1:]):  # some programs forget the byte of padding
                position = start + size


def _is_name(name: bytes) -> bool:
    return len(name) >= 4 and all(0x20 <= byte < 0x7F for byte in name[:4])


@dataclass(frozen=True)
class Chunks:
    """The chunks of a file.

    Attributes:
        chunks: names and bodies in the order of the file; the body of the samples is left out.
        lost: names of what cannot be kept.

    Example:
        >>> source = b"RIFF....WAVEdata" + bytes(4) + b"note" + (2).to_bytes(4, "little") + b"hi"
        >>> Chunks.read(io.BytesIO(source)).chunks
        [(b'data', b'')]
    """

    dialect: _Dialect
    chunks: list[tuple[bytes, bytes]]
    lost: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, file: BinaryIO) -> Self | None:
        dialect = _dialect(file)
        if dialect is None:
            return None
        chunks, lost, seen, end = list[tuple[bytes, bytes]](), list[str](), set[bytes](), dialect.header
        for place in _walk(file, dialect):
            file.seek(place.start)
            is_samples = place.kind == dialect.samples
            body = b"" if is_samples else file.read(place.end - place.start)
            end = place.end
            if (place.kind in seen and is_samples) or _would_be_wrong(place.kind, body):
                lost.append(_readable(place.name, body))
            else:
                chunks.append((place.name, body))
            seen.add(place.kind)
        if _has_content(file, end):
            lost.append(f"{file_size(file) - end} bytes after the last chunk")
        return cls(dialect, chunks, lost)

    @classmethod
    def holding(cls, texts: Mapping[str, str], encoded: BinaryIO) -> Self | None:
        dialect = _dialect(encoded)
        if dialect is _AIFF:
            tag = id3.tag_of(texts)
            return cls(dialect, [(b"ID3 ", tag)] if tag else [])
        if dialect in (_RIFF, _RIFX):
            entries = [dialect.written(field.info, text.encode() + b"\0") for field, text in named(texts)]
            return cls(dialect, [(b"LIST", b"INFO" + b"".join(entries))] if entries else [])
        return None

    def onto(self, encoded: bytes) -> bytes:
        file = io.BytesIO(encoded)
        if _dialect(file) is not self.dialect:
            raise OtherContainerError
        own = {self.dialect.samples, self.dialect.description, *self.dialect.encoded}
        places = {place.kind: place for place in _walk(file, self.dialect) if place.kind in own}
        pieces: list[bytes | memoryview] = [encoded[: self.dialect.header]]
        for name, body in self._order(list(places), own):
            place = places[name[:4]] if name[:4] in own else None
            is_description = place is not None and name[:4] == self.dialect.description
            if place is None or (is_description and self._says_the_same(body, encoded[place.start : place.end])):
                pieces.append(self.dialect.written(name, body))
            else:
                pieces.append(memoryview(encoded)[place.start - self.dialect.head : place.end])
                pieces.append(bytes(-(place.end - self.dialect.header) % self.dialect.alignment))
        if self.dialect is _W64:
            pieces.pop()
        return self._with_sizes(pieces)

    def _order(self, encoded: list[bytes], own: set[bytes]) -> list[tuple[bytes, bytes]]:
        """Names and bodies as they are to be written, the encoder's chunks at the places of the source's."""
        order, left = list[tuple[bytes, bytes]](), dict.fromkeys(encoded)
        for name, body in self.chunks:
            if name[:4] not in own:
                order.append((name, body))
            elif name[:4] in left:
                del left[name[:4]]
                order.append((name, body))
        missing = [(name, b"") for name in left]
        first = [chunk for chunk in missing if chunk[0] == b"ds64"]
        where = next((i for i, (name, _) in enumerate(order) if name[:4] == self.dialect.samples), 0)
        after = order[where:]
        if self.dialect is _W64:  # libsndfile 1.2.2 takes all that follows the samples for samples
            after.sort(key=lambda chunk: chunk[0][:4] == self.dialect.samples)
        return [*first, *order[:where], *(chunk for chunk in missing if chunk not in first), *after]

    def _says_the_same(self, mine: bytes, other: bytes) -> bool:
        if self.dialect is _AIFF:
            return mine[:22] == other[:22] and (len(mine) > 18) == (len(other) > 18)
        if self.dialect in (_RIFF, _RIFX):
            encoding = _encoding(mine, self.dialect.order)
            return encoding is not None and encoding == _encoding(other, self.dialect.order)
        return mine == other

    def _with_sizes(self, pieces: list[bytes | memoryview]) -> bytes:
        total = sum(len(piece) for piece in pieces)
        start = bytearray(pieces[0])
        if start[:4] == b"RF64":
            for index, piece in enumerate(pieces):
                if bytes(piece[:4]) == b"ds64":
                    pieces[index] = bytes(piece[:8]) + (total - 8).to_bytes(8, "little") + bytes(piece[16:])
        elif self.dialect is _W64:
            start[16:24] = total.to_bytes(8, "little")
        elif self.dialect is not _CAF:
            start[4:8] = (total - 8).to_bytes(4, self.dialect.order)  # OverflowError beyond 4 GiB
        return b"".join([bytes(start), *pieces[1:]])

    def fields(self) -> Fields:
        own = {self.dialect.samples, self.dialect.description, *self.dialect.encoded, *_FILLERS}
        texts: dict[str, str] = {}
        others: list[str] = []
        tags: list[Fields] = []
        for name, body in self.chunks:
            if name[:4] in own:
                continue
            if name[:4].lower() == b"list" and body[:4] == b"INFO":
                tags.insert(0, _info(body[4:], self.dialect))
            elif name in (b"id3 ", b"ID3 "):
                try:
                    tags.append(id3.fields_of(body))
                except Exception:  # mutagen raises many kinds
                    others.append("ID3")
            elif self.dialect is _AIFF and name in _AIFF_TEXTS:
                tags.insert(0, Fields({_AIFF_TEXTS[name]: decoded(body)}, []))
            else:
                others.append(_readable(name, body))
        for tag in reversed(tags):
            texts |= tag.texts
            others += tag.others
        return Fields(texts, others)


def _would_be_wrong(kind: bytes, body: bytes) -> bool:
    """Whether a chunk is of the original samples: their digest, or samples in a list."""
    return kind == b"MD5 " or (kind == b"LIST" and body[:4] == b"wavl")


def _has_content(file: BinaryIO, start: int) -> bool:
    file.seek(start)
    return any(block.strip(b"\0") for block in iter(lambda: file.read(_BLOCK), b""))


def _encoding(body: bytes, order: Literal["little", "big"]) -> tuple[int, ...] | None:
    """What a `fmt ` chunk says: format tag, channels, rate, bytes per frame, bits; None for codecs with more to say."""
    if len(body) < 16:
        return None
    numbers = (body[0:2], body[2:4], body[4:8], body[12:14], body[14:16])
    tag, channels, rate, align, bits = (int.from_bytes(number, order) for number in numbers)
    if tag == _EXTENSIBLE and len(body) >= 40:
        tag, valid_bits = int.from_bytes(body[24:26], order), int.from_bytes(body[18:20], order)
        if valid_bits != bits:
            return None
    return (tag, channels, rate, align, bits) if tag in _PLAIN_ENCODINGS else None


def _info(body: bytes, dialect: _Dialect) -> Fields:
    texts: dict[str, str] = {}
    others: list[str] = []
    for place in _walk(io.BytesIO(bytes(dialect.header) + body), dialect):
        text = decoded(body[place.start - dialect.header : place.end - dialect.header])
        name = _INFO.get(place.name)
        if name is not None and name not in texts:
            texts[name] = text
        elif place.name != b"ISFT":  # the program that wrote the file
            others.append(place.name.decode())
    return Fields(texts, others)


def _readable(name: bytes, body: bytes) -> str:
    part = body[:4] if name[:4].upper() == b"LIST" and _is_name(body[:4]) else name[:4]
    return part.decode("latin-1").strip()
