"""Recordings to protect: checked, read and resampled for the models."""

from dataclasses import dataclass
from pathlib import Path

from sottovoce.audio import files
from sottovoce.audio.files import Sound
from sottovoce.errors import SottovoceError
from sottovoce.journal import check_free, sha256

SHORTEST = 0.05
"""Recordings of up to this duration in seconds are refused."""


@dataclass(frozen=True, eq=False)
class Source:
    """A recording to protect.

    Attributes:
        path: the file.
        sound: what it holds.
        sha256: hexadecimal digest of the file when it was opened.
        mode: its permissions, which everything that is made from it gets.
    """

    path: Path
    sound: Sound
    sha256: str
    mode: int


def open_source(source: Path, target: Path, *, overwrite: bool = False) -> Source:
    """Open a recording, and check before any work is done that the target can be written.

    Raises:
        SottovoceError: the recording cannot be read, is silent or too short, the target cannot be written or is the
            source itself, or it would replace a file that sottovoce did not write.
    """
    check_apart(source, target)
    check_free(target, overwrite=overwrite)
    digest = sha256(source) if source.is_file() else ""
    sound = files.opened(source)
    check_sound(sound, source)
    files.check_target(target, sound)
    return Source(source, sound, digest, source.stat().st_mode & 0o777)


def check_sound(sound: Sound, source: Path) -> None:
    """Make sure that there is something to protect in a recording.

    Args:
        sound: the recording.
        source: its file, for messages.

    Raises:
        SottovoceError: it is silent or too short.
    """
    if sound.seconds <= SHORTEST:
        raise SottovoceError(f"{source}: {1000 * sound.seconds:.0f} ms are too short to protect; use over 50 ms")
    if not (sound.low.any() or sound.high.any()):
        raise SottovoceError(f"{source}: all samples are zero, so there is nothing to protect; check the recording")
    if (sound.low == sound.high).all():
        raise SottovoceError(f"{source}: all samples are the same, so there is nothing to protect; check the recording")


def check_apart(source: Path, target: Path) -> None:
    """Check that source and target are not the same file.

    Raises:
        SottovoceError: they are the same file.
    """
    if target.exists() and source.exists() and target.samefile(source):
        raise SottovoceError(f"{source}: the target is the original file itself; choose another target")
