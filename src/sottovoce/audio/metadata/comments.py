"""Vorbis comments, which FLAC and Ogg files hold."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Self

from sottovoce.audio.metadata.container import Fields
from sottovoce.audio.metadata.fields import named, sorted_out


class Comments(NamedTuple):
    """Vorbis comments as the bytes of the file, valid UTF-8 or not.

    Attributes:
        vendor: the library that encoded the sound.
        entries: `NAME=text` each.
        rest: what follows the comments.

    Example:
        >>> comments = Comments.of({"title": "Gespräch"})
        >>> Comments.parsed(comments.written(b"libFLAC")).entries[0].decode()
        'TITLE=Gespräch'
    """

    vendor: bytes
    entries: Sequence[bytes]
    rest: bytes = b""

    @classmethod
    def parsed(cls, body: bytes) -> Self:
        """Parse the body of a comment header.

        Raises:
            ValueError: a size goes beyond the end.
        """
        vendor, position = _sized(body, 0)
        count = int.from_bytes(body[position : position + 4], "little")
        position += 4
        if 4 * count > len(body) - position:
            raise ValueError(f"{count} comments in {len(body)} bytes")
        entries = []
        for _ in range(count):
            entry, position = _sized(body, position)
            entries.append(entry)
        return cls(vendor, entries, body[position:])

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> Self:
        """Comments that hold the common text fields."""
        return cls(b"", [f"{field.comment.upper()}={text}".encode() for field, text in named(texts)])

    def written(self, vendor: bytes) -> bytes:
        """The body of a comment header of another vendor, without `rest`."""
        parts = [vendor, *self.entries]
        sized = [len(part).to_bytes(4, "little") + part for part in parts]
        return b"".join([sized[0], len(self.entries).to_bytes(4, "little"), *sized[1:]])

    def fields(self) -> Fields:
        """The comments in the terms that all containers share."""
        pairs = (entry.decode(errors="replace").partition("=") for entry in self.entries)
        return sorted_out((_name(name), text) for name, _, text in pairs)


def _sized(body: bytes, position: int) -> tuple[bytes, int]:
    start = position + 4
    end = start + int.from_bytes(body[position:start], "little")
    if start > len(body) or end > len(body):
        raise ValueError(f"{end - start} bytes at byte {start} of {len(body)}")
    return body[start:end], end


def _name(name: str) -> str:
    return "cover" if name.upper() in ("METADATA_BLOCK_PICTURE", "COVERART") else name
