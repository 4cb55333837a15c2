"""Text files that are written whole or not at all."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from sottovoce.errors import SottovoceError


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 to a temporary file beside the target and rename it.

    Raises:
        SottovoceError: the file cannot be written.
    """
    temporary = path.with_name(f".sottovoce-{secrets.token_hex(8)}.tmp")
    try:
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, path)
    except OSError as error:
        raise SottovoceError(f"{path}: the file cannot be written ({error.strerror}); choose another target") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, where they are missing.

    Raises:
        SottovoceError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SottovoceError(f"{path}: the folder cannot be made ({error.strerror}); choose another") from error
