"""What is taken from a browser: files of known kinds within limits; their names are labels and nothing else."""

import secrets
import shutil
import unicodedata
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from sottovoce.audio import files
from sottovoce.audio.formats import SOUND_SUFFIXES
from sottovoce.errors import SottovoceError

MOST_FILES = 20
MOST_BYTES = 1 << 30
MOST_SECONDS = 3600.0
_LONGEST_LABEL = 80


class Upload(NamedTuple):
    """A file that somebody chose.

    Attributes:
        label: what the person called it, for showing only.
        path: where it lies, under a name of ours.
        seconds: duration; 0 for what is no recording.
    """

    label: str
    path: Path
    seconds: float = 0.0


def label_of(name: str) -> str:
    """What to show of a file's name: its last part, without invisible characters, not too long.

    Example:
        >>> label_of("../../etc/pass\\x1bwd\\u202e.wav")
        'passwd.wav'
        >>> label_of("..")
        'recording'
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(character for character in last if unicodedata.category(character)[0] != "C").strip()
    return shown[:_LONGEST_LABEL] if shown.strip(".") else "recording"


def check_count(number: int) -> None:
    """Raises `SottovoceError` if these are no files, or too many."""
    if not number:
        raise SottovoceError("there is no recording yet; choose one, or record one")
    if number > MOST_FILES:
        raise SottovoceError(f"{number} files are too many at once; choose up to {MOST_FILES}")


def taken(given: Path, inbox: Path, folder: Path, suffixes: Collection[str]) -> Upload:
    """Take a file out of the inbox, under a random name of ours.

    Args:
        given: where the server has put it; below the inbox, or the request is forged.
        inbox: the folder of everything that browsers send.
        folder: where it should lie.
        suffixes: the kinds of file that are wanted, in lower case.

    Raises:
        SottovoceError: it is not below the inbox, of another kind, or too large.
    """
    label, suffix = label_of(given.name), given.suffix.lower()
    real = given.resolve()
    if not (real.is_relative_to(inbox.resolve()) and real.is_file()):
        raise SottovoceError(f"{label}: did not arrive; choose it again")
    if suffix not in suffixes:
        wanted = (
            "a sound or video file"
            if suffixes == SOUND_SUFFIXES
            else f"a file ending in {' or '.join(filter(None, suffixes))}"
        )
        raise SottovoceError(f"{label}: not {wanted}; choose another")
    if real.stat().st_size > MOST_BYTES:
        raise SottovoceError(f"{label}: is larger than {MOST_BYTES >> 20} MB; use a shorter part of it")
    path = folder / (secrets.token_hex(8) + suffix)
    shutil.copyfile(real, path)
    path.chmod(0o600)
    return Upload(label, path)


def recording(given: Path, inbox: Path, folder: Path) -> Upload:
    """Take a recording; its sound is read once, so that a damaged one is refused here.

    Raises:
        SottovoceError: as `taken`, or it cannot be read or is too long.
    """
    upload = taken(given, inbox, folder, SOUND_SUFFIXES)
    try:
        seconds = files.opened(upload.path).seconds
        if seconds > MOST_SECONDS:
            limit = MOST_SECONDS / 60
            raise SottovoceError(f"{upload.path}: lasts more than {limit:.0f} minutes; cut it into shorter parts")
    except SottovoceError as error:
        upload.path.unlink()
        raise SottovoceError(str(error).replace(str(upload.path), upload.label)) from error
    return upload._replace(seconds=seconds)
