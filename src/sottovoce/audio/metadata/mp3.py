"""Tags before and behind the frames of MP3 files: ID3v1, ID3v2, APEv2, Lyrics3."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Self

from sottovoce.audio.metadata import id3
from sottovoce.audio.metadata.container import Fields, OtherContainerError, file_size
from sottovoce.audio.metadata.fields import decoded

_MOST_TAGS = 8
_ID3V1 = 128
_LONGEST_GAP = 1 << 16
"""Zeros that may lie between a tag and the first frame."""


@dataclass(frozen=True)
class Mp3Tags:
    """The tags of an MP3 file, byte for byte.

    Attributes:
        before: ID3v2 tags.
        after: the other tags.
        lost: names of what cannot be kept.
    """

    before: bytes
    after: bytes = b""
    lost: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, file: BinaryIO) -> Self | None:
        frames = _frames(file)
        if frames is None:
            return None
        file.seek(0)
        before = file.read(frames[0])
        file.seek(frames[1])
        return cls(before, file.read())

    @classmethod
    def holding(cls, texts: Mapping[str, str], encoded: BinaryIO) -> Self | None:
        return cls(id3.tag_of(texts)) if _frames(encoded) else None

    def onto(self, encoded: bytes) -> bytes:
        frames = _frames(io.BytesIO(encoded))
        if frames is None:
            raise OtherContainerError
        return b"".join([self.before, memoryview(encoded)[slice(*frames)], self.after])

    def fields(self) -> Fields:
        tag = self.before[: id3.tag_size(self.before[:10])]
        try:
            fields = id3.fields_of(tag) if tag else Fields({}, [])
        except Exception:  # mutagen raises many kinds
            fields = Fields({}, ["ID3"])
        names = ["APE"] if b"APETAGEX" in self.after else []
        if self.after[-_ID3V1:][:3] == b"TAG" and not tag:
            fields = _id3v1(self.after[-_ID3V1:])
        return Fields(fields.texts, [*fields.others, *names])


def _frames(file: BinaryIO) -> tuple[int, int] | None:
    """Where the MPEG frames begin and end; None if none follow the tags at the beginning."""
    size, start = file_size(file), 0
    for _ in range(_MOST_TAGS):
        file.seek(start)
        start += id3.tag_size(file.read(10))
    file.seek(start)
    if start > size or not _is_frame(file.read(_LONGEST_GAP).lstrip(b"\0")[:4]):
        return None
    return start, _end(file, start, size)


def _is_frame(head: bytes) -> bool:
    """Whether an MPEG frame of layer I to III begins with these bytes."""
    return len(head) == 4 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and bool(head[1] & 6) and head[2] >> 4 < 15


def _end(file: BinaryIO, start: int, size: int) -> int:
    """Where the tags at the end begin."""
    end = size
    for _ in range(_MOST_TAGS):
        length, magic = _tag_at_end(file, start, end)
        file.seek(max(start, end - length))
        if not length or end - length < start or file.read(len(magic)) != magic:
            break
        end -= length
    return end


def _tag_at_end(file: BinaryIO, start: int, end: int) -> tuple[int, bytes]:
    """Size of the tag that ends here, and how it begins."""
    begin = max(start, end - _ID3V1)
    file.seek(begin)
    tail = file.read(end - begin)
    if len(tail) == _ID3V1 and tail.startswith(b"TAG"):
        return _ID3V1, b"TAG"
    if tail[-32:-24] == b"APETAGEX" and tail[-9] & 0x80:
        return int.from_bytes(tail[-20:-16], "little") + 32, b"APETAGEX"
    if tail.endswith(b"LYRICS200") and tail[-15:-9].isdigit():
        return int(tail[-15:-9]) + 15, b"LYRICSBEGIN"
    return 0, b""


def _id3v1(tag: bytes) -> Fields:
    places = {"title": (3, 33), "artist": (33, 63), "album": (63, 93), "date": (93, 97), "comment": (97, 127)}
    texts = {name: decoded(tag[start:end].split(b"\0")[0]).strip() for name, (start, end) in places.items()}
    return Fields({name: text for name, text in texts.items() if text}, [])
