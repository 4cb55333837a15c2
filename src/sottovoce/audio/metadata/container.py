"""What the containers have in common."""

from collections.abc import Mapping
from typing import BinaryIO, NamedTuple, Protocol, Self


class OtherContainerError(ValueError):
    """The encoded file is in another container than the metadata."""


class Fields(NamedTuple):
    """Metadata in the terms that all containers share.

    Attributes:
        texts: texts by the names of `fields.FIELDS`.
        others: names of everything else.
    """

    texts: Mapping[str, str]
    others: list[str]


class Metadata(Protocol):
    """The metadata of one kind of container."""

    @property
    def lost(self) -> list[str]:
        """Names of what cannot be kept, not even in the same container."""
        ...

    @classmethod
    def read(cls, file: BinaryIO) -> Self | None:
        """Read the metadata of a file; None if it is in another kind of container."""
        ...

    @classmethod
    def holding(cls, texts: Mapping[str, str], encoded: BinaryIO) -> Self | None:
        """Metadata that holds these texts, for an encoded file; None if it is in another kind of container."""
        ...

    def onto(self, encoded: bytes) -> bytes:
        """An encoded file with this metadata instead of its own.

        Raises:
            OtherContainerError: the file is in another container.
        """
        ...

    def fields(self) -> Fields:
        """The metadata in the terms that all containers share."""
        ...


def file_size(file: BinaryIO) -> int:
    """Size of a file in bytes; its position becomes its start."""
    size = file.seek(0, 2)
    file.seek(0)
    return size
