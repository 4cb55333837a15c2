"""From a path that a person gives to a list of utterances."""

from pathlib import Path

from sottovoce.audio.formats import SOUND_SUFFIXES
from sottovoce.corpora.gtzan import GENRES, read_gtzan
from sottovoce.corpora.librispeech import SPLITS, read_librispeech
from sottovoce.corpora.manifest import Utterance, read_manifest
from sottovoce.corpora.speech_commands import WORDS, read_speech_commands
from sottovoce.corpora.voicebank_demand import FOLDERS, Pair, pairs_of, read_voicebank_demand
from sottovoce.errors import SottovoceError


def load_corpus(path: Path) -> list[Utterance]:
    """Recognise what lies at `path` and list it.

    A `.csv` file is a manifest; a folder with `train-*`, `dev-*` or `test-*` folders in it is LibriSpeech; one with
    `clean_trainset_28spk_wav` or `clean_testset_wav` is VoiceBank-DEMAND (its clean side is listed); one with ten
    keywords and `testing_list.txt` is Speech Commands (these keywords are listed); one with `genres`, or
    with all ten of them, is GTZAN; any other folder is taken as it is, every audio file below it once, for training.

    Raises:
        SottovoceError: if nothing usable lies there.
    """
    if path.suffix == ".csv":
        return read_manifest(path)
    if not path.is_dir():
        raise SottovoceError(f"{path}: no such folder or manifest (.csv).")
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
        raise SottovoceError(f"{path}: holds no audio files and no corpus in a known layout.")
    return [Utterance(file, "train", label=file.parent.name) for file in files]


def load_pairs(path: Path) -> list[Pair]:
    """Clean recordings and what became of them: a manifest or a folder, files of the same name in `clean` and `noisy`,
    or the folders of VoiceBank-DEMAND.

    Raises:
        SottovoceError: if no pairs lie there.
    """
    if (path / "clean").is_dir():
        return pairs_of([Utterance(file, "train") for file in audio_files(path)], path)
    return pairs_of(read_manifest(path), path) if path.suffix == ".csv" else read_voicebank_demand(path)


def audio_files(folder: Path) -> list[Path]:
    """All files below `folder` with an audio file's suffix, in order of their paths."""
    return sorted(file for file in folder.rglob("*") if file.suffix.lower() in SOUND_SUFFIXES and file.is_file())
