"""Speech Commands: words, speakers and the splits of the two lists."""

from pathlib import Path

import pytest

from sottovoce.corpora import read_speech_commands
from sottovoce.errors import SottovoceError


def test_the_lists_decide_the_split(speech_commands: Path) -> None:
    found = read_speech_commands(speech_commands, ["yes"])
    assert [(u.path.name, u.split, u.speaker, u.label, u.text) for u in found] == [
        ("a1_nohash_0.wav", "train", "a1", "yes", "YES"),
        ("b2_nohash_0.wav", "valid", "b2", "yes", "YES"),
        ("c3_nohash_0.wav", "test", "c3", "yes", "YES"),
    ]


def test_the_ten_usual_words_are_read_by_default(speech_commands: Path) -> None:
    everything = read_speech_commands(speech_commands)
    assert len(everything) == 30 and "bed" not in {u.label for u in everything}
    assert sum(u.split == "test" for u in everything) == 2


def test_words_without_clips_are_an_error(speech_commands: Path) -> None:
    with pytest.raises(SottovoceError, match="none of the words"):
        read_speech_commands(speech_commands, ["zebra"])


def test_a_folder_without_words_is_an_error(without_files: Path) -> None:
    with pytest.raises(SottovoceError, match=f"{without_files}: none of the words"):
        read_speech_commands(without_files)
