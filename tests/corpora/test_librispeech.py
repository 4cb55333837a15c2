"""LibriSpeech: splits, speakers, sex and texts."""

from pathlib import Path

import pytest

from sottovoce.corpora import Utterance, read_librispeech
from sottovoce.errors import SottovoceError


def test_every_line_of_a_transcript_is_an_utterance(librispeech: Path) -> None:
    assert read_librispeech(librispeech) == [
        Utterance(librispeech / "dev-clean/14/208/14-208-0000.flac", "valid", "14", "F", text="THE DEV SET"),
        Utterance(librispeech / "test-other/367/130732/367-130732-0000.flac", "test", "367", "", text="THE TEST SET"),
        Utterance(
            librispeech / "train-clean-100/16/122828/16-122828-0000.flac", "train", "16", "M", text="THE TRAIN SET"
        ),
    ]
    assert all(utterance.path.is_file() for utterance in read_librispeech(librispeech))


def test_without_the_table_of_speakers_their_sex_is_unknown(librispeech: Path) -> None:
    (librispeech / "SPEAKERS.TXT").unlink()
    assert {utterance.sex for utterance in read_librispeech(librispeech)} == {""}


def test_a_folder_without_subsets_is_an_error(without_files: Path) -> None:
    with pytest.raises(SottovoceError, match=f"{without_files}: no LibriSpeech subset"):
        read_librispeech(without_files)
