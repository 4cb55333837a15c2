"""Lists of utterances from a path: manifest, known corpus or any folder of sound files."""

import heapq
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from sottovoce.audio.formats import SOUND_SUFFIXES
from sottovoce.corpora.gtzan import GENRES, read_gtzan
from sottovoce.corpora.librispeech import SPLITS, read_librispeech
from sottovoce.corpora.manifest import Utterance, read_manifest
from sottovoce.corpora.speech_commands import WORDS, read_speech_commands
from sottovoce.corpora.voicebank_demand import FOLDERS, Pair, pairs_of, read_voicebank_demand
from sottovoce.errors import SottovoceError


def load_corpus(path: Path) -> list[Utterance]:
    """List the utterances at a path; the kind of corpus is recognised.

    - a `.csv` file: a manifest;
    - a folder with the ten keywords and `testing_list.txt`: Speech Commands, these keywords only;
    - a folder with `genres`, or with all ten genres: GTZAN;
    - a folder with `clean_trainset_28spk_wav` or `clean_testset_wav`: VoiceBank-DEMAND, clean recordings only;
    - a folder with `train-*`, `dev-*` or `test-*` folders: LibriSpeech;
    - any other folder: all sound files below it, for training, labelled with the names of their folders.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Path(folder, "rain").mkdir()
        ...     Path(folder, "rain", "a.wav").touch()
        ...     (utterance,) = load_corpus(Path(folder))
        >>> utterance.path.name, utterance.split, utterance.label
        ('a.wav', 'train', 'rain')

    Raises:
        SottovoceError: there is no such path or no utterance.
    """
    if path.suffix == ".csv":
        return read_manifest(path)
    if not path.is_dir():
        raise SottovoceError(f"{path}: no such folder or manifest (.csv); check the name")
    names = {entry.name for entry in path.iterdir() if entry.is_dir()}
    if names.issuperset(WORDS) and (path / "testing_list.txt").is_file():
        return read_speech_commands(path)
    if "genres" in names or names.issuperset(GENRES):
        return read_gtzan(path)
    if any(clean in names for clean, _ in FOLDERS.values()):
        return [pair.clean for pair in read_voicebank_demand(path)]
    if any(name.split("-")[0] in SPLITS and "-" in name for name in names):
        return read_librispeech(path)
    files = audio_files(path)
    if not files:
        raise SottovoceError(f"{path}: neither sound files nor a corpus in a known layout here; check the folder")
    return [Utterance(file, "train", label=file.parent.name) for file in files]


def load_pairs(path: Path) -> list[Pair]:
    """List pairs of clean and noisy recordings.

    They are the files of the same name in folders `clean` and `noisy`, in a manifest (`.csv`) or below a folder; or
    VoiceBank-DEMAND.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for side in ("clean", "noisy"):
        ...         Path(folder, side).mkdir()
        ...         Path(folder, side, "a.wav").touch()
        ...     (pair,) = load_pairs(Path(folder))
        >>> pair.clean.path.name == pair.noisy.path.name
        True

    Raises:
        SottovoceError: there are no pairs.
    """
    if (path / "clean").is_dir():
        return pairs_of([Utterance(file, "train") for file in audio_files(path)], path)
    return pairs_of(read_manifest(path), path) if path.suffix == ".csv" else read_voicebank_demand(path)


def refused(error: SottovoceError) -> None:
    """Raise an error."""
    raise error


def audio_files(
    folder: Path, *, hidden: bool = False, failed: Callable[[SottovoceError], None] = refused
) -> list[Path]:
    """All sound files below `folder`, recognised by their suffixes and sorted by path.

    Linked folders are followed, and each folder is listed once however many links lead to it. A link to a file that
    does not exist is listed, so that it is not lost silently.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for name in ("b.wav", "a.FLAC", "._a.FLAC", "notes.txt"):
        ...         Path(folder, name).touch()
        ...     [file.name for file in audio_files(Path(folder))]
        ['a.FLAC', 'b.wav']

    Args:
        folder: the folder to search.
        hidden: whether to list hidden files and those in hidden folders as well; see `is_hidden`.
        failed: called with the error of each folder that cannot be listed, unless it is hidden; raises it by default.

    Raises:
        SottovoceError: by default, if a folder cannot be listed.
    """
    return sorted(
        Path(entry)
        for entry in _files(folder, hidden, failed)
        if Path(entry).suffix.lower() in SOUND_SUFFIXES and (os.path.isfile(entry) or not os.path.exists(entry))
    )


def is_hidden(path: Path) -> bool:
    """Whether a name in a relative path starts with a dot, as do macOS's AppleDouble files (`._a.wav`).

    Example:
        >>> is_hidden(Path(".trash/a.wav")), is_hidden(Path("talks/a.wav"))
        (True, False)
    """
    return any(name.startswith(".") for name in path.parts)


def _files(top: Path, hidden: bool, failed: Callable[[SottovoceError], None]) -> Iterator["os.DirEntry[str]"]:
    """Everything below a folder that is no folder; no folder twice, and visible ones and no links first."""
    seen, waiting = set[str](), [(False, False, top)]
    while waiting:
        concealed, _, folder = heapq.heappop(waiting)
        real = os.path.realpath(folder)
        if real in seen:
            continue
        seen.add(real)
        try:
            with os.scandir(folder) as listed:
                entries = list(listed)
        except OSError as error:
            if not concealed:
                reason = f"the folder cannot be listed ({error.strerror}); check its permissions"
                failed(SottovoceError(f"{folder}: {reason}"))
            continue
        for entry in entries:
            dotted = entry.name.startswith(".")
            if dotted and not hidden:
                continue
            if os.path.isdir(entry):
                heapq.heappush(waiting, (concealed or dotted, entry.is_symlink(), Path(entry)))
            else:
                yield entry
