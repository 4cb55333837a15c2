"""Files that are written whole or not at all."""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from sottovoce.errors import SottovoceError


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Write several files: all of them to temporary ones beside the targets first, then rename those.

    Raises:
        SottovoceError: one of them cannot be written.
    """
    # No mkstemp: it gives a file that only its owner can read, whatever the umask says.
    temporary = {path: path.with_name(f".sottovoce-{secrets.token_hex(8)}.tmp") for path in contents}
    path = Path()
    try:
        for path, content in contents.items():
            temporary[path].write_bytes(content)
        for path in contents:
            os.replace(temporary[path], path)
    except OSError as error:
        raise SottovoceError(f"{path}: the file cannot be written ({error.strerror}); choose another target") from error
    finally:
        for leftover in temporary.values():
            with suppress(OSError):
                leftover.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write one file.

    Raises:
        SottovoceError: it cannot be written.
    """
    write_together({path: content})


def write_text(path: Path, text: str) -> None:
    """The same for text, as UTF-8.

    Raises:
        SottovoceError: the file cannot be written.
    """
    write_bytes(path, text.encode())


def make_folder(path: Path) -> None:
    """Make a folder and those above it, where they are missing.

    Raises:
        SottovoceError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SottovoceError(f"{path}: the folder cannot be made ({error.strerror}); choose another") from error
