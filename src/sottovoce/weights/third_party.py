"""Where third parties' networks lie: in an installed package, or in a folder of the cache."""

from importlib.util import find_spec
from pathlib import Path

from sottovoce.errors import SottovoceError
from sottovoce.weights.store import cache_folder


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
    found = find_spec(package)
    if found is None or found.origin is None:
        raise SottovoceError(f"{listener}: not installed; pip install 'sottovoce[listeners]' brings it")
    path = Path(found.origin).parent / name
    if not path.is_file():
        raise SottovoceError(f"{listener}: {path} is missing; install the package {package} again")
    return path


def fetched_folder(name: str) -> Path:
    """The folder in the cache into which `sottovoce models fetch NAME` puts a network.

    Raises:
        SottovoceError: it is not there.
    """
    folder = cache_folder() / name
    if not folder.is_dir():
        raise SottovoceError(f"{name}: not on this machine; sottovoce models fetch {name} brings it")
    return folder
