"""Files elsewhere, such as `s3://bucket/folder/a.wav`, through fsspec."""

import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sottovoce.errors import SottovoceError

if TYPE_CHECKING or sys.platform != "win32":
    from pathlib import PosixPath as _Path
else:
    from pathlib import WindowsPath as _Path

_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+):/+(.*)", re.DOTALL)


def place(text: str) -> Path:
    """The path that a person names: one on this machine (also after `file://`), or a `Remote`.

    Example:
        >>> str(place("s3://bucket/a.wav")), str(place("file:///home/a.wav")), str(place("home/a.wav"))
        ('s3://bucket/a.wav', '/home/a.wav', 'home/a.wav')
    """
    if "://" not in text or not _ADDRESS.match(text):
        return Path(text)
    return Path(text.removeprefix("file://")) if text.startswith("file://") else Remote(text)


class Remote(_Path):
    """The path of a file or folder elsewhere; it is named, joined and compared as every path.

    Credentials and addresses are those that fsspec finds in the environment and its configuration.

    Example:
        >>> folder = Remote("s3://bucket/rec")
        >>> str(folder / "p1" / "a.wav"), str((folder / "a.wav").parent), (folder / "a.wav").suffix
        ('s3://bucket/rec/p1/a.wav', 's3://bucket/rec', '.wav')
    """

    def __str__(self) -> str:
        return _ADDRESS.sub(r"\1://\2", super().__str__().replace("\\", "/"))

    def __fspath__(self) -> str:
        return str(self)

    def resolve(self, strict: bool = False) -> "Remote":
        """The path itself."""
        return self

    def is_dir(self, **_: Any) -> bool:
        """Whether files lie below."""
        return bool(self._ask("isdir"))

    def is_file(self, **_: Any) -> bool:
        """Whether there is a file."""
        return bool(self._ask("isfile"))

    def mkdir(self, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        """Nothing: folders come with their files."""

    def read_bytes(self) -> bytes:
        """The content."""
        return bytes(self._ask("cat_file"))

    def files(self) -> list["Remote"]:
        """All files below a folder, or all that match a pattern, sorted by name."""
        found = self._ask("glob" if re.search(r"[*?[]", str(self)) else "find")
        protocol = str(self).partition("://")[0]
        return sorted(Remote(f"{protocol}://{name.lstrip('/')}") for name in found)

    def fetch(self, copy: Path) -> None:
        """Copy the file to this machine."""
        self._ask("get_file", str(copy))

    def put(self, original: Path) -> None:
        """Let the content of a file on this machine be here, as a whole or not at all."""
        system, name = self._system()
        try:
            system.makedirs(system._parent(name), exist_ok=True)
            with system.transaction, original.open("rb") as source, system.open(name, "wb") as target:
                shutil.copyfileobj(source, target)
        except Exception as error:
            raise self._failure("cannot be written", error) from error

    def write_bytes(self, data: Any) -> int:
        """Let a content be here, as a whole or not at all."""
        system, name = self._system()
        try:
            system.pipe_file(name, bytes(data))
        except Exception as error:
            raise self._failure("cannot be written", error) from error
        return len(data)

    def _ask(self, what: str, *arguments: Any) -> Any:
        system, name = self._system()
        try:
            return getattr(system, what)(name, *arguments)
        except FileNotFoundError as error:
            raise SottovoceError(f"{self}: no such file; check the name") from error
        except Exception as error:  # each kind of storage has errors of its own
            raise self._failure("cannot be read", error) from error

    def _system(self) -> tuple[Any, str]:
        """The file system and the name of the file in it."""
        try:
            from fsspec.core import url_to_fs

            system, name = url_to_fs(str(self), use_listings_cache=False)
        except (ImportError, ValueError) as error:
            hint = "needs the extra 'cluster' (pip install 'sottovoce[cluster]') or the fsspec package of this protocol"
            raise SottovoceError(f"{self}: {hint}") from error
        return system, str(name)

    def _failure(self, what: str, error: Exception) -> SottovoceError:
        reason = " ".join(str(error).split()) or type(error).__name__
        return SottovoceError(f"{self}: {what} ({reason.rstrip('.')}); check name and credentials")
