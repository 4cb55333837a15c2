"""GTZAN: genres and splits."""

from pathlib import Path

import pytest

from sottovoce.corpora import read_gtzan
from sottovoce.errors import SottovoceError


def test_songs_are_split_eight_to_one_to_one(gtzan: Path) -> None:
    found = read_gtzan(gtzan)
    assert {u.label for u in found} == {"blues"}
    assert [u.split for u in found] == [*["train"] * 8, "valid", "test"] * 2
    assert [u.path.name for u in found] == [f"blues.{number:05}.au" for number in range(20)]


def test_the_folder_of_genres_may_be_given_itself(gtzan: Path) -> None:
    assert read_gtzan(gtzan / "genres") == read_gtzan(gtzan)


def test_a_folder_without_genres_is_an_error(gtzan: Path, without_files: Path) -> None:
    for folder in (gtzan / "genres" / "blues", without_files):
        with pytest.raises(SottovoceError, match=f"{folder}: no GTZAN songs"):
            read_gtzan(folder)
