"""Atomic writing of files: completely or not at all."""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from sottovoce.errors import SottovoceError
from sottovoce.journal import claim

_LONGEST_NAME = 255
"""Bytes of a file name on common file systems."""


class Staged:
    """Files that appear together or not at all.

    They are first written under temporary names beside their targets, where they can be read and checked, and renamed
    when the block ends without an error; after an error nothing is left of them. What a killed process leaves, the
    next one finds by the target's name: see `remove_leftovers`.

    Args:
        mode: permissions of the files; None for what the umask gives.
        ours: whether the journal knows the files before they appear, so that the rerun of a process that is killed
            right then may replace them.

    Raises:
        SottovoceError: a file cannot be written; also when the block ends.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with Staged() as staged:
        ...         temporary = staged.write(Path(folder, "a.txt"), b"text")
        ...         before = Path(folder, "a.txt").exists()
        ...     before, Path(folder, "a.txt").read_text()
        (False, 'text')
    """

    def __init__(self, mode: int | None = None, *, ours: bool = True) -> None:
        self.mode, self.ours = mode, ours
        self._temporary: dict[Path, Path] = {}

    def __enter__(self) -> Self:
        return self

    def write(self, target: Path, content: bytes | Iterable[bytes]) -> Path:
        """Write a file, as a whole or in pieces, under a temporary name of the target's suffix, and return that name.

        Raises:
            SottovoceError: the file cannot be written.
        """
        first = next(iter(self._temporary), target)
        temporary = target.with_name(f"{_prefix(first)}{secrets.token_hex(4)}{target.suffix}")
        self._temporary[target] = temporary
        try:
            if self.mode is not None:  # from the first byte on
                os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, self.mode))
                temporary.chmod(self.mode)
            if isinstance(content, bytes):
                temporary.write_bytes(content)
            else:
                with temporary.open("wb") as file:
                    file.writelines(content)
        except OSError as error:
            raise _unwritable(target, error) from error
        return temporary

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        renamed: list[Path] = []
        new: list[Path] = []
        try:
            if kind is None:
                new = [target for target in self._temporary if not target.exists()]
                if self.ours:
                    for temporary in self._temporary.values():
                        claim(temporary)
                for target, temporary in self._temporary.items():
                    os.replace(temporary, target)
                    renamed.append(target)
        except OSError as error:
            for target in set(renamed) & set(new):
                target.unlink(missing_ok=True)
            raise _unwritable(next(each for each in self._temporary if each not in renamed), error) from error
        finally:
            for leftover in self._temporary.values():
                with suppress(OSError):
                    leftover.unlink(missing_ok=True)


def remove_leftovers(targets: Iterable[Path]) -> None:
    """Remove the temporary files that killed processes have left of these targets.

    Another process that is writing one of them at this moment fails.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     target = Path(folder, "a.wav")
        ...     left = Staged().write(target, b"killed before the block ends")
        ...     remove_leftovers([target])
        ...     left.exists()
        False
    """
    wanted: dict[Path, set[str]] = {}
    for target in targets:
        wanted.setdefault(target.parent, set()).add(_prefix(target))
    for folder, prefixes in wanted.items():
        with suppress(OSError):  # there may be no such folder yet
            for entry in os.scandir(folder):
                if entry.name[:_PREFIX] in prefixes:
                    shutil.rmtree(entry) if entry.is_dir(follow_symlinks=False) else os.unlink(entry)


def folder_beside(target: Path) -> "TemporaryDirectory[str]":
    """A temporary folder beside a target, which `remove_leftovers` finds if the process is killed.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as place:
        ...     left = folder_beside(Path(place, "a.mp4"))
        ...     before = Path(left.name).exists()
        ...     remove_leftovers([Path(place, "a.mp4")])
        ...     before, Path(left.name).exists()
        (True, False)
    """
    return TemporaryDirectory(dir=target.parent, prefix=_prefix(target))


def write_together(contents: Mapping[Path, bytes], *, ours: bool = False) -> None:
    """Write several files, all of them or none; for `ours`, see `Staged`.

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
    with Staged(ours=ours) as staged:
        for path, content in contents.items():
            staged.write(path, content)


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


def check_name(path: Path, *suffixes: str) -> None:
    """Make sure that the file system takes a file's name, with each of these suffixes appended as well.

    Raises:
        SottovoceError: the name is too long.
    """
    longest = max((len(os.fsencode(suffix)) for suffix in suffixes), default=0)
    room = _LONGEST_NAME - longest - len(os.fsencode(path.name))
    if room < 0:
        raise SottovoceError(f"{path}: the name is {-room} bytes too long for the files to write; choose a shorter one")


def _prefix(target: Path) -> str:
    """How the temporary names of a target begin."""
    return f".sottovoce-{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:16]}-"


_PREFIX = len(_prefix(Path("x")))


def _unwritable(path: Path, error: OSError) -> SottovoceError:
    return SottovoceError(f"{path}: the file cannot be written ({error.strerror}); choose another target")
