"""Files that are written whole or not at all."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from sottovoce.errors import SottovoceError


def write_bytes(path: Path, content: bytes) -> None:
    """Write to a temporary file beside the target and rename it.

    Raises:
        SottovoceError: the file cannot be written.
    """
    # No mkstemp: it gives a file that only its owner can read, whatever the umask says.
    temporary = path.with_name(f".sottovoce-{secrets.token_hex(8)}.tmp")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    except OSError as error:
        raise SottovoceError(f"{path}: the file cannot be written ({error.strerror}); choose another target") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


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
