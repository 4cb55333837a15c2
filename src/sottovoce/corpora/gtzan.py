"""GTZAN in the folders it is published in: genres/GENRE/GENRE.NNNNN.au (or .wav), a song a file."""

from pathlib import Path

from sottovoce.corpora.manifest import Utterance
from sottovoce.errors import SottovoceError

GENRES = ("blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock")
SUFFIXES = frozenset({".au", ".wav"})


def read_gtzan(root: Path) -> list[Utterance]:
    """All songs. Of every ten in a row, eight are for training, one for validation, one for testing.

    GTZAN has no official split. Excerpts of one song are never in two splits here, unlike in the code of paper 003.

    Raises:
        SottovoceError: if there are no songs.
    """
    folder = root / "genres" if (root / "genres").is_dir() else root
    songs = []
    for genre in GENRES:
        files = sorted(path for path in (folder / genre).glob("*") if path.suffix in SUFFIXES)
        songs += [Utterance(path, _split(number), label=genre) for number, path in enumerate(files)]
    if not songs:
        raise SottovoceError(f"{root}: holds no GTZAN songs (such as genres/blues/blues.00000.au).")
    return songs


def _split(number: int) -> str:
    return {8: "valid", 9: "test"}.get(number % 10, "train")
