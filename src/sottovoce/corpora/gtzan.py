"""GTZAN in its published layout: genres/GENRE/GENRE.NNNNN.au (or .wav), one song in each file."""

from pathlib import Path

from sottovoce.corpora.manifest import Utterance
from sottovoce.errors import SottovoceError

GENRES = ("blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock")
SUFFIXES = frozenset({".au", ".wav"})


def read_gtzan(root: Path) -> list[Utterance]:
    """List all songs: of every ten in a row, eight are for training, one for validation and one for testing.

    GTZAN has no official split. Here all excerpts of a song are in the same split, unlike in the code of Wang et al.
    (2020).

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Path(folder, "genres", "blues").mkdir(parents=True)
        ...     for number in range(10):
        ...         Path(folder, "genres", "blues", f"blues.{number:05}.au").touch()
        ...     [song.split for song in read_gtzan(Path(folder))][6:]
        ['train', 'train', 'valid', 'test']

    Raises:
        SottovoceError: there are no songs.
    """
    folder = root / "genres" if (root / "genres").is_dir() else root
    songs = []
    for genre in GENRES:
        files = sorted(path for path in (folder / genre).glob("*") if path.suffix in SUFFIXES)
        songs += [Utterance(path, _split(number), label=genre) for number, path in enumerate(files)]
    if not songs:
        raise SottovoceError(f"{root}: no GTZAN songs (such as genres/blues/blues.00000.au) here; check the folder")
    return songs


def _split(number: int) -> str:
    return {8: "valid", 9: "test"}.get(number % 10, "train")
