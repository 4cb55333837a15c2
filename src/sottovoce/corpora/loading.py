"""Lists of utterances from a path: manifest, known corpus or any folder of sound files."""

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


def audio_files(folder: Path) -> list[Path]:
    """All sound files below `folder`, recognised by their suffixes and sorted by path."""
    return sorted(file for file in folder.rglob("*") if file.suffix.lower() in SOUND_SUFFIXES and file.is_file())
