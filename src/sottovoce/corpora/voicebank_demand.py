"""VoiceBank-DEMAND (Valentini-Botinhao, 2017) in its published layout."""

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
    """A clean recording and its noisy or otherwise processed version.

    Example:
        >>> Pair(Utterance(Path("clean/a.wav")), Utterance(Path("noisy/a.wav"))).noisy.path.name
        'a.wav'
    """

    clean: Utterance
    noisy: Utterance


def read_voicebank_demand(root: Path) -> list[Pair]:
    """List all pairs in `root` (`clean_testset_wav/`, `noisy_testset_wav/` and the training set of 28 speakers).

    Raises:
        SottovoceError: there are none.
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
    """Pair the utterances that have the same file name in folders `clean` and `noisy`.

    Example:
        >>> utterances = [Utterance(Path(name)) for name in ("clean/a.wav", "noisy/a.wav", "noisy/b.wav")]
        >>> [pair.noisy.path.name for pair in pairs_of(utterances, Path("corpus"))]
        ['a.wav']

    Args:
        utterances: such as the rows of a manifest.
        root: their corpus, for messages.

    Raises:
        SottovoceError: there are no pairs.
    """
    clean = {u.path.name: u for u in utterances if u.path.parent.name == "clean"}
    noisy = [u for u in utterances if u.path.parent.name == "noisy" and u.path.name in clean]
    return _some([Pair(clean[u.path.name], u) for u in noisy], root)


def _some(pairs: list[Pair], root: Path) -> list[Pair]:
    if not pairs:
        raise SottovoceError(
            f"{root}: no pairs of files of the same name in folders clean and noisy (VoiceBank-DEMAND: "
            "clean_testset_wav and noisy_testset_wav) here; check the folder"
        )
    return pairs
