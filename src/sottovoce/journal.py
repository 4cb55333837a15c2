"""What sottovoce has written for this user, so that reruns skip what is done and nobody's recording is replaced.

The journal lies in the user's state folder and holds digests alone: no name, no text, nothing of the sound.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import platformdirs

from sottovoce.errors import SottovoceError


def state_folder() -> Path:
    """The folder of the journal: `$SOTTOVOCE_STATE`, or the platform's state folder for this user."""
    override = os.environ.get("SOTTOVOCE_STATE")
    return Path(override) if override else platformdirs.user_state_path("sottovoce", appauthor=False)


def sha256(path: Path) -> str:
    """Hexadecimal digest of a file.

    Raises:
        SottovoceError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SottovoceError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error


def note(target: Path, made_from: Mapping[str, object]) -> None:
    """Remember that this file was written, and from what; a state folder that cannot be written is no error.

    Args:
        target: the file as it lies on disk.
        made_from: everything that the file's content depends on, as JSON takes it.
    """
    digest = sha256(target)
    _keep(_written(digest), _made(made_from) / digest)


def claim(file: Path) -> None:
    """Remember that sottovoce has written a file, wherever it will lie."""
    _keep(_written(sha256(file)))


def is_ours(path: Path) -> bool:
    """Whether sottovoce has written the file as it now lies there."""
    return _written(sha256(path)).exists()


def was_made_from(path: Path, made_from: Mapping[str, object]) -> bool:
    """Whether the file still is, to the byte, what sottovoce has made from these."""
    return (_made(made_from) / sha256(path)).exists()


def check_free(target: Path, *, overwrite: bool) -> None:
    """Make sure that no file would be lost.

    Raises:
        SottovoceError: there is a file at `target` that sottovoce did not write, and it may not be overwritten.
    """
    if target.is_file() and not overwrite and not is_ours(target):
        raise SottovoceError(
            f"{target}: there is already a file that sottovoce did not write; choose another output, or --overwrite"
        )


def _keep(*places: Path) -> None:
    with suppress(OSError):  # then a rerun does the work again, and asks for --overwrite
        for place in places:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch()


def _written(digest: str) -> Path:
    return state_folder() / "written" / digest[:2] / digest


def _made(made_from: Mapping[str, object]) -> Path:
    key = hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()
    return state_folder() / "made" / key[:2] / key
