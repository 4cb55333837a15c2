"""LibriSpeech in its published layout: SUBSET/SPEAKER/CHAPTER/SPEAKER-CHAPTER-NNNN.flac."""

from pathlib import Path

from sottovoce.corpora.manifest import Utterance
from sottovoce.errors import SottovoceError

SPLITS = {"train": "train", "dev": "valid", "test": "test"}


def read_librispeech(root: Path) -> list[Utterance]:
    """List all utterances of the subsets (`train-clean-100`, `dev-clean`, `test-other`, …) in `root`.

    Texts are read from the `*.trans.txt` files, the speakers' sex from `SPEAKERS.TXT` if it exists.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     chapter = Path(folder, "dev-clean", "14", "208")
        ...     chapter.mkdir(parents=True)
        ...     _ = (chapter / "14-208.trans.txt").write_text("14-208-0000 HELLO WORLD")
        ...     (utterance,) = read_librispeech(Path(folder))
        >>> utterance.path.name, utterance.split, utterance.speaker, utterance.text
        ('14-208-0000.flac', 'valid', '14', 'HELLO WORLD')

    Raises:
        SottovoceError: there is no subset.
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
        raise SottovoceError(
            f"{root}: no LibriSpeech subset (such as dev-clean/SPEAKER/CHAPTER/*.trans.txt) here; check the folder"
        )
    return utterances


def _sexes(table: Path) -> dict[str, str]:
    if not table.is_file():
        return {}
    rows = [line.split("|") for line in table.read_text(encoding="utf-8").splitlines() if not line.startswith(";")]
    return {row[0].strip(): row[1].strip() for row in rows if len(row) > 1}
