"""Atomic writing of files: completely or not at all."""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from sottovoce.errors import SottovoceError


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Write several files: first all of them under temporary names beside the targets, then rename them.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     one, other = Path(folder, "a.txt"), Path(folder, "b.txt")
        ...     write_together({one: b"first", other: b"second"})
        ...     one.read_text(), other.read_text()
        ('first', 'second')

    Raises:
        SottovoceError: a file cannot be written.
    """
    # Not mkstemp, which ignores the umask: only the owner could read the file.
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
    """Write a file.

    Raises:
        SottovoceError: the file cannot be written.
    """
    write_together({path: content})


def write_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8.

    Raises:
        SottovoceError: the file cannot be written.
    """
    write_bytes(path, text.encode())


def make_folder(path: Path) -> None:
    """Create a folder and its parents, if they do not exist.

    Raises:
        SottovoceError: the folder cannot be created.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SottovoceError(f"{path}: the folder cannot be created ({error.strerror}); choose another") from error
