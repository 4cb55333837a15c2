"""Comments of Ogg Vorbis and Ogg Opus files."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Self

from mutagen.ogg import OggPage

from sottovoce.audio.metadata.comments import Comments
from sottovoce.audio.metadata.container import Fields, OtherContainerError, file_size

_MAGICS = (b"\x03vorbis", b"OpusTags")
_MOST_PAGES = 20_000
"""A picture of 255 × 255 × 20,000 bytes is larger than any."""


@dataclass(frozen=True)
class OggComments:
    """The comments of the first stream of an Ogg file.

    Attributes:
        magic: how their packet begins.
        comments: the comments.
        lost: names of what cannot be kept.
    """

    magic: bytes
    comments: Comments
    lost: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, file: BinaryIO) -> Self | None:
        file.seek(0)
        if file.read(4) != b"OggS":
            return None
        pages, magic = _pages(file)
        if not magic:
            return None
        comments = Comments.parsed(OggPage.to_packets(pages)[0][len(magic) :])
        return cls(magic, comments, ["comments of the later streams"] if _is_chained(file) else [])

    @classmethod
    def holding(cls, texts: Mapping[str, str], encoded: BinaryIO) -> Self | None:
        encoded.seek(0)
        if encoded.read(4) != b"OggS":
            return None
        _, magic = _pages(encoded)
        return cls(magic, Comments.of(texts))

    def onto(self, encoded: bytes) -> bytes:
        file = io.BytesIO(encoded)
        if file.read(4) != b"OggS":
            raise OtherContainerError
        pages, magic = _pages(file)
        packets = OggPage.to_packets(pages, strict=False)
        vendor = Comments.parsed(packets[0][len(magic) :]).vendor
        is_vorbis = magic == _MAGICS[0]
        # RFC 7845, section 5.2: what follows the comments is kept if its first byte is odd, and is padding otherwise.
        rest = (
            self.comments.rest if magic == self.magic and self.comments.rest[:1] and self.comments.rest[0] & 1 else b""
        )
        packets[0] = magic + self.comments.written(vendor) + (b"\x01" if is_vorbis else rest)
        OggPage.replace(file, pages, OggPage.from_packets(packets, pages[0].sequence))
        return file.getvalue()

    def fields(self) -> Fields:
        return self.comments.fields()


def _pages(file: BinaryIO) -> tuple[list[OggPage], bytes]:
    """The pages of the comment packet of the first stream, and how it begins; none if there is none."""
    file.seek(0)
    serial = OggPage(file).serial
    pages: list[OggPage] = []
    for _ in range(_MOST_PAGES):
        page = OggPage(file)
        if page.serial != serial:
            continue
        if not pages and not page.packets[0].startswith(_MAGICS):
            return [], b""
        pages.append(page)
        if page.complete or len(page.packets) > 1:
            break
    return pages, next(magic for magic in _MAGICS if pages[0].packets[0].startswith(magic))


def _is_chained(file: BinaryIO) -> bool:
    """Whether another stream begins after the first pages of the file."""
    end, position, others = file_size(file), 0, False
    while position + 27 <= end:
        file.seek(position)
        head = file.read(27)
        if head[:4] != b"OggS":
            return False
        starts = bool(head[5] & 2)
        if starts and others:
            return True
        others |= not starts
        position += 27 + head[26] + sum(file.read(head[26]))
    return False
