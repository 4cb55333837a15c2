"""The recordings that a person names: by files, folders, patterns or manifests."""

import glob
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from sottovoce.audio.formats import SOUND_SUFFIXES
from sottovoce.corpora.loading import audio_files, refused
from sottovoce.corpora.manifest import read_manifest, root_of
from sottovoce.errors import SottovoceError
from sottovoce.remote import Remote


class Selected(NamedTuple):
    """A recording.

    Attributes:
        path: the file.
        name: its path below the folder, the fixed part of the pattern, or the manifest's root; otherwise its name.
        seconds: its duration by the manifest; 0 if unknown.
    """

    path: Path
    name: Path
    seconds: float = 0.0


def is_pattern(source: Path) -> bool:
    """Whether a path has wildcards (`*`, `?`, `[...]`, and `**` for any folders) and no file of that name exists."""
    return glob.has_magic(str(source)) and not os.path.lexists(source)


def is_manifest(source: Path) -> bool:
    """Whether a path names a list of recordings, see `read_manifest`."""
    return source.suffix.lower() == ".csv" and not is_folder(source)


def is_single(source: Path) -> bool:
    """Whether a path names one file."""
    return not (is_pattern(source) or is_manifest(source) or is_folder(source))


def is_folder(source: Path) -> bool:
    """Whether a path names a folder."""
    return source.is_dir() if isinstance(source, Remote) else os.path.isdir(source)


def folder_of(source: Path) -> Path | None:
    """The folder in which the recordings of a folder or pattern lie; None for files and manifests.

    Example:
        >>> folder_of(Path("corpus/p1/**/*.wav")).as_posix()
        'corpus/p1'
    """
    if is_pattern(source):
        return next(parent for parent in source.parents if not glob.has_magic(str(parent)))
    return source if is_folder(source) else None


def select(source: Path, *, failed: Callable[[SottovoceError], None] = refused) -> list[Selected]:
    """The recordings of a file, folder, pattern or manifest; a folder's include the hidden ones.

    A pattern stands for the sound files that match it and for those in the folders that do.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for name in ("p1/a.wav", "p2/a.wav", "p2/notes.txt"):
        ...         Path(folder, name).parent.mkdir(exist_ok=True)
        ...         Path(folder, name).touch()
        ...     [each.name.as_posix() for each in select(Path(folder, "**", "a*"), failed=print)]
        ['p1/a.wav', 'p2/a.wav']

    Args:
        source: what the person named.
        failed: called with the error of each folder that cannot be listed; raises it by default.

    Raises:
        SottovoceError: a manifest cannot be read; by default, if a folder cannot be listed.
    """
    if is_manifest(source):
        return _listed(source)
    folder = folder_of(source)
    if folder is None:
        return [Selected(source, Path(source.name))]
    if isinstance(source, Remote):
        files = [file for file in source.files() if file.suffix.lower() in SOUND_SUFFIXES]
        return [Selected(file, Path(*file.relative_to(folder).parts)) for file in files]
    if folder == source:
        return [Selected(file, file.relative_to(folder)) for file in audio_files(folder, hidden=True, failed=failed)]
    found: dict[Path, None] = {}
    for match in map(Path, sorted(glob.glob(str(source), recursive=True))):
        if os.path.isdir(match):
            found.update(dict.fromkeys(audio_files(match, failed=failed)))
        elif match.suffix.lower() in SOUND_SUFFIXES:
            found[match] = None
    return [Selected(file, file.relative_to(folder)) for file in sorted(found)]


def _listed(manifest: Path) -> list[Selected]:
    """What a manifest lists; files outside of its root have their names alone."""
    top, found = _whole(root_of(manifest)), []
    for utterance in read_manifest(manifest):
        path = _whole(utterance.path)
        name = Path(*path.relative_to(top).parts) if path.is_relative_to(top) else Path(path.name)
        found.append(Selected(utterance.path, name, utterance.seconds))
    return found


def _whole(path: Path) -> Path:
    return path if isinstance(path, Remote) else Path(os.path.abspath(path))
