"""Speech Commands v0.02 in its published layout: WORD/SPEAKER_nohash_N.wav and two lists."""

from collections.abc import Iterable
from pathlib import Path

from sottovoce.corpora.manifest import Utterance
from sottovoce.errors import SottovoceError

LISTS = {"validation_list.txt": "valid", "testing_list.txt": "test"}
WORDS = ("yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go")
"""The ten words of the usual classification task."""


def read_speech_commands(root: Path, words: Iterable[str] = WORDS) -> list[Utterance]:
    """List all clips of the given words; those in neither list are for training.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Path(folder, "yes").mkdir()
        ...     Path(folder, "yes", "a1b2_nohash_0.wav").touch()
        ...     (clip,) = read_speech_commands(Path(folder))
        >>> clip.split, clip.speaker, clip.label
        ('train', 'a1b2', 'yes')

    Raises:
        SottovoceError: there are no clips of these words.
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
        raise SottovoceError(
            f"{root}: none of the words {', '.join(words)} as folders of .wav files here; check the folder"
        )
    return utterances
