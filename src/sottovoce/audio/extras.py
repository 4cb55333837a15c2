"""What a sound file holds besides its samples, and how it gets into another file.

In the same kind of container everything is kept as it is, byte for byte: chunks, tags, pictures. Into another kind the
text fields go that both have (title, artist, album, date, comment, genre, track number, copyright). What cannot be kept
is named.
"""

import io
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Self

import soundfile

from sottovoce.audio.metadata import chunks, id3
from sottovoce.audio.metadata.chunks import Chunks
from sottovoce.audio.metadata.container import Fields, Metadata, OtherContainerError
from sottovoce.audio.metadata.fields import by_mutagen
from sottovoce.audio.metadata.flac import FlacBlocks
from sottovoce.audio.metadata.mp3 import Mp3Tags
from sottovoce.audio.metadata.mp4 import Mp4Atoms
from sottovoce.audio.metadata.ogg import OggComments

_KINDS: tuple[type[Metadata], ...] = (Chunks, FlacBlocks, OggComments, Mp4Atoms, Mp3Tags)
_LONGEST_NAME = 40


@dataclass(frozen=True)
class Extras:
    """What a sound file holds besides its samples: chunks, tags, pictures.

    Attributes:
        metadata: the metadata; None if none was found.
        unreadable: names of what is damaged and cannot be kept.

    Example:
        >>> import tempfile
        >>> import numpy as np
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "a.flac")
        ...     with soundfile.SoundFile(path, "w", 16_000, 1) as sound:
        ...         sound.title = "Interview"
        ...         sound.write(np.zeros(8_000))
        ...     extras = Extras.of(path)
        >>> encoded = io.BytesIO()
        >>> soundfile.write(encoded, np.ones(8_000) / 2, 16_000, format="FLAC")
        >>> complete, lost = extras.added_to(encoded.getvalue(), ".flac")
        >>> soundfile.SoundFile(io.BytesIO(complete)).title, lost
        ('Interview', [])
    """

    metadata: Metadata | None = None
    unreadable: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, path: Path) -> Self:
        """Read what a file holds besides its samples.

        Damaged parts are no error: `unreadable` names them.
        """
        try:
            with path.open("rb") as file:
                return cls._read(file)
        except OSError:
            return cls(None, ["tags"])

    @classmethod
    def _read(cls, file: BinaryIO) -> Self:
        kinds: tuple[type[Metadata], ...] = (*_KINDS, Foreign)
        for kind in kinds:
            try:
                metadata = kind.read(file)
            except OSError:
                raise
            except Exception:  # damaged tags: mutagen raises many kinds
                return cls(None, ["tags"])
            if metadata is not None:
                return cls(metadata)
        return cls()

    def added_to(self, encoded: bytes, suffix: str) -> tuple[bytes, list[str]]:
        """Add the extras to an encoded sound file, in the place of its own.

        A file whose container has no metadata that we know is returned unchanged; so is any file if the source had none
        that we know.

        Args:
            encoded: a sound file of the same length as the source.
            suffix: its suffix, with the dot.

        Returns:
            The file with the extras, and the names of what could not be kept.
        """
        if self.metadata is None:
            return encoded, _named(self.unreadable)
        with suppress(OtherContainerError):
            return self._in_same_container(encoded, suffix)
        try:
            fields = self.metadata.fields()
            new = next(filter(None, (kind.holding(fields.texts, io.BytesIO(encoded)) for kind in _KINDS)), None)
            lost = [*self.unreadable, *fields.others, *self.metadata.lost]
            if new is None:
                return encoded, _named([*fields.texts, *lost])
            complete = new.onto(encoded)
        except Exception:
            return encoded, _named([*self.unreadable, "tags"])
        if not _sounds_the_same(encoded, complete, suffix):
            return encoded, _named([*fields.texts, *lost])
        return complete, _named(lost)

    def _in_same_container(self, encoded: bytes, suffix: str) -> tuple[bytes, list[str]]:
        assert self.metadata is not None
        try:
            complete = self.metadata.onto(encoded)
            if _sounds_the_same(encoded, complete, suffix):
                return complete, _named([*self.unreadable, *self.metadata.lost])
        except OtherContainerError:
            raise
        except Exception:  # damaged tags, or too many for the container
            pass
        fields = Fields({}, ["tags"])
        with suppress(Exception):
            fields = self.metadata.fields()
        return encoded, _named([*self.unreadable, *fields.texts, *fields.others, *self.metadata.lost])


@dataclass(frozen=True)
class Foreign:
    """Tags of a container that is only read, such as WMA or WavPack."""

    common: Fields
    lost: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, file: BinaryIO) -> Self | None:
        """Read the tags of a file; None if there are none."""
        file.seek(0)
        start = file.read(10)
        if id3.tag_size(start):
            file.seek(0)
            return cls(id3.fields_of(file.read(id3.tag_size(start))))
        common = by_mutagen(file)
        return cls(common) if common.texts or common.others else None

    @classmethod
    def holding(cls, texts: Mapping[str, str], encoded: BinaryIO) -> Self | None:
        """None: such files are not written."""
        return None

    def onto(self, encoded: bytes) -> bytes:
        """Such files are not written."""
        raise OtherContainerError

    def fields(self) -> Fields:
        """The tags in the terms that all containers share."""
        return self.common


def sample_span(path: Path) -> tuple[int, int] | None:
    """Where the bytes of the samples lie in a WAV, AIFF, Wave64 or CAF file: start and end.

    Returns:
        None for another container, or if the file cannot be opened.
    """
    try:
        with path.open("rb") as file:
            return chunks.sample_span(file)
    except OSError:
        return None


def _sounds_the_same(encoded: bytes, complete: bytes, suffix: str) -> bool:
    """Whether libsndfile finds the same sound in both, where it reads the container."""
    if suffix.lower() == ".m4a":
        return True
    try:
        before, after = (soundfile.info(io.BytesIO(content)) for content in (encoded, complete))
    except soundfile.LibsndfileError:
        return False
    names = ("frames", "channels", "samplerate", "format", "subtype", "endian")
    return all(getattr(before, name) == getattr(after, name) for name in names)


def _named(names: Iterable[str]) -> list[str]:
    """Names fit to be shown: each once, printable and short."""
    shown = ("".join(each for each in name if each.isprintable()).strip()[:_LONGEST_NAME] for name in names)
    return list(dict.fromkeys(name or "?" for name in shown))
