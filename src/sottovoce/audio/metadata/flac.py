"""Metadata blocks of FLAC files."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Self

from sottovoce.audio.metadata import id3
from sottovoce.audio.metadata.comments import Comments
from sottovoce.audio.metadata.container import Fields, OtherContainerError, file_size

_STREAMINFO, _SEEKTABLE, _COMMENTS = 0, 3, 4
_NAMES = {1: "padding", 2: "application", 5: "cue sheet", 6: "cover"}
_ID3V1 = 128


@dataclass(frozen=True)
class FlacBlocks:
    """The metadata blocks of a FLAC file, with the ID3 tags that some programs put before and behind it.

    Attributes:
        before, after: ID3 tags.
        blocks: types and bodies in the order of the file, without stream information and seek table.
        lost: names of what cannot be kept.
    """

    before: bytes
    blocks: list[tuple[int, bytes]]
    after: bytes = b""
    lost: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, file: BinaryIO) -> Self | None:
        end = file_size(file)
        before = file.read(id3.tag_size(file.read(10)) * (file.seek(0) == 0))
        if file.read(4) != b"fLaC":
            return None
        blocks, lost, is_last = list[tuple[int, bytes]](), list[str](), False
        while not is_last:
            head = file.read(4)
            size = int.from_bytes(head[1:], "big")
            if len(head) < 4 or head[0] == 0xFF or file.tell() + size > end:
                lost.append("damaged metadata block")
                break
            is_last, kind, body = bool(head[0] & 0x80), head[0] & 0x7F, file.read(size)
            if kind == _COMMENTS and not _is_sound(body):
                lost.append("damaged comments")
            elif kind not in (_STREAMINFO, _SEEKTABLE):
                blocks.append((kind, body))
        file.seek(max(0, end - _ID3V1))
        after = file.read()
        return cls(before, blocks, after if after.startswith(b"TAG") else b"", lost)

    @classmethod
    def holding(cls, texts: Mapping[str, str], encoded: BinaryIO) -> Self | None:
        encoded.seek(0)
        if encoded.read(4) != b"fLaC":
            return None
        return cls(b"", [(_COMMENTS, Comments.of(texts).written(b""))])

    def onto(self, encoded: bytes) -> bytes:
        if encoded[:4] != b"fLaC":
            raise OtherContainerError
        own, frames = _split(encoded)
        vendor = next((Comments.parsed(body).vendor for kind, body in own if kind == _COMMENTS), b"")
        blocks = [(kind, body) for kind, body in own if kind in (_STREAMINFO, _SEEKTABLE)]
        for kind, body in self.blocks:
            blocks.append((kind, Comments.parsed(body).written(vendor) if kind == _COMMENTS else body))
        if not any(kind == _COMMENTS for kind, _ in blocks):
            blocks.append((_COMMENTS, Comments(vendor, []).written(vendor)))
        pieces = [self.before, b"fLaC"]
        for index, (kind, body) in enumerate(blocks):
            is_last = index == len(blocks) - 1
            pieces += [bytes([kind | 0x80 * is_last]), len(body).to_bytes(3, "big"), body]
        return b"".join([*pieces, memoryview(encoded)[frames:], self.after])

    def fields(self) -> Fields:
        texts: dict[str, str] = {}
        others: list[str] = []
        for kind, body in self.blocks:
            if kind == _COMMENTS:
                more = Comments.parsed(body).fields()
                texts |= more.texts
                others += more.others
            elif _NAMES.get(kind) != "padding":
                others.append(_NAMES.get(kind, f"metadata block {kind}"))
        return Fields(texts, others)


def _is_sound(body: bytes) -> bool:
    try:
        Comments.parsed(body)
    except ValueError:
        return False
    return True


def _split(encoded: bytes) -> tuple[list[tuple[int, bytes]], int]:
    """The blocks of an encoded file, and where its frames begin."""
    file, blocks, is_last = io.BytesIO(encoded), list[tuple[int, bytes]](), False
    file.seek(4)
    while not is_last:
        head = file.read(4)
        is_last = bool(head[0] & 0x80)
        blocks.append((head[0] & 0x7F, file.read(int.from_bytes(head[1:], "big"))))
    return blocks, file.tell()
