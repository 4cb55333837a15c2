"""LibriSpeech in the folders it is published in: SUBSET/SPEAKER/CHAPTER/SPEAKER-CHAPTER-NNNN.flac."""

from pathlib import Path

from sottovoce.corpora.manifest import Utterance
from sottovoce.errors import SottovoceError

SPLITS = {"train": "train", "dev": "valid", "test": "test"}


def read_librispeech(root: Path) -> list[Utterance]:
    """All utterances of the subsets (`train-clean-100`, `dev-clean`, `test-other`, …) that lie in `root`.

    Texts come from the `*.trans.txt` files, sex from `SPEAKERS.TXT` where it is there.

    Raises:
        SottovoceError: if no subset is found.
    """
    subsets = [folder for folder in sorted(root.glob("*-*")) if folder.name.split("-")[0] in SPLITS]
    sexes = _sexes(root / "SPEAKERS.TXT")
    utterances = []
    for subset in subsets:
        for transcript in sorted(subset.glob("*/*/*.trans.txt")):
            for line in transcript.read_text(encoding="utf-8").splitlines():
                name, _, text = line.partition(" ")
                speaker = name.split("-")[0]
                path = transcript.parent / f"{name}.flac"
                split = SPLITS[subset.name.split("-")[0]]
                utterances.append(Utterance(path, split, speaker, sexes.get(speaker, ""), text=text.strip()))
    if not utterances:
        raise SottovoceError(f"{root}: no LibriSpeech subset (such as dev-clean/SPEAKER/CHAPTER/*.trans.txt) is in it.")
    return utterances


def _sexes(table: Path) -> dict[str, str]:
    if not table.is_file():
        return {}
    rows = [line.split("|") for line in table.read_text(encoding="utf-8").splitlines() if not line.startswith(";")]
    return {row[0].strip(): row[1].strip() for row in rows if len(row) > 1}
