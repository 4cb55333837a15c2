"""VoiceBank-DEMAND (Valentini-Botinhao, 2017) in the folders it is published in."""

from dataclasses import dataclass
from pathlib import Path

from sottovoce.corpora.manifest import Utterance
from sottovoce.errors import SottovoceError

FOLDERS = {
    "train": ("clean_trainset_28spk_wav", "noisy_trainset_28spk_wav"),
    "test": ("clean_testset_wav", "noisy_testset_wav"),
}


@dataclass(frozen=True)
class Pair:
    """A clean recording and the same with noise, or with whatever was done to it."""

    clean: Utterance
    noisy: Utterance


def read_voicebank_demand(root: Path) -> list[Pair]:
    """All pairs that lie in `root` (`clean_testset_wav/`, `noisy_testset_wav/`, and the 28-speaker training folders).

    Raises:
        SottovoceError: if there are none.
    """
    pairs = []
    for split, (clean, noisy) in FOLDERS.items():
        for path in sorted((root / clean).glob("*.wav")):
            other = root / noisy / path.name
            if other.is_file():
                speaker = path.stem.split("_")[0]
                pairs.append(Pair(Utterance(path, split, speaker), Utterance(other, split, speaker)))
    return _some(pairs, root)


def pairs_of(utterances: list[Utterance], root: Path) -> list[Pair]:
    """Pairs from a manifest's rows: files of the same name under a `clean` and a `noisy` folder.

    Raises:
        SottovoceError: if there are none; `root` is named in the message.
    """
    clean = {u.path.name: u for u in utterances if u.path.parent.name == "clean"}
    noisy = [u for u in utterances if u.path.parent.name == "noisy" and u.path.name in clean]
    return _some([Pair(clean[u.path.name], u) for u in noisy], root)


def _some(pairs: list[Pair], root: Path) -> list[Pair]:
    if not pairs:
        raise SottovoceError(
            f"{root}: no pairs of files of the same name in the folders clean and noisy (of VoiceBank-DEMAND: "
            "clean_testset_wav and noisy_testset_wav) are in it."
        )
    return pairs
