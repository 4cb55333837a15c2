"""Speech Commands v0.02 in the folders it is published in: WORD/SPEAKER_nohash_N.wav, and two lists."""

from collections.abc import Iterable
from pathlib import Path

from sottovoce.corpora.manifest import Utterance
from sottovoce.errors import SottovoceError

LISTS = {"validation_list.txt": "valid", "testing_list.txt": "test"}
WORDS = ("yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go")
"""The ten that the published recipes tell apart."""


def read_speech_commands(root: Path, words: Iterable[str] = WORDS) -> list[Utterance]:
    """All clips of the given words; what neither list names is for training.

    Raises:
        SottovoceError: if there are none of these words.
    """
    splits = {
        line.strip(): split
        for name, split in LISTS.items()
        if (root / name).is_file()
        for line in (root / name).read_text(encoding="utf-8").splitlines()
    }
    utterances = []
    for word in words:
        for path in sorted((root / word).glob("*.wav")):
            split = splits.get(f"{word}/{path.name}", "train")
            speaker = path.stem.partition("_nohash_")[0]
            utterances.append(Utterance(path, split, speaker, text=word.upper(), label=word))
    if not utterances:
        raise SottovoceError(f"{root}: holds none of the words {', '.join(words)} as folders of .wav files.")
    return utterances
