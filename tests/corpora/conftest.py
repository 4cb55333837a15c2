"""Small corpora in their published layouts."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sottovoce.corpora.speech_commands import WORDS

SPEAKERS = """;ID  |SEX| SUBSET           |MINUTES| NAME
14   | F | dev-clean        | 25.03 | Kristin LeMoine
16   | M | train-clean-100  | 25.11 | Alys AtteWater
"""
Touch = Callable[..., None]


@pytest.fixture
def touch() -> Touch:
    """Creates empty files and their folders."""

    def make(*paths: Path) -> None:
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()

    return make


@pytest.fixture
def librispeech(tmp_path: Path, touch: Touch) -> Path:
    root = tmp_path / "LibriSpeech"
    chapters = {"dev-clean/14/208": "dev", "train-clean-100/16/122828": "train", "test-other/367/130732": "test"}
    for chapter, word in chapters.items():
        speaker, number = chapter.split("/")[1:]
        touch(root / chapter / f"{speaker}-{number}-0000.flac")
        (root / chapter / f"{speaker}-{number}.trans.txt").write_text(
            f"{speaker}-{number}-0000 THE {word.upper()} SET\n"
        )
    (root / "SPEAKERS.TXT").write_text(SPEAKERS)
    return root


@pytest.fixture
def voicebank(tmp_path: Path, touch: Touch) -> Path:
    root = tmp_path / "VBD"
    for folder in ("clean_trainset_28spk_wav", "noisy_trainset_28spk_wav"):
        touch(root / folder / "p226_001.wav")
    for folder in ("clean_testset_wav", "noisy_testset_wav"):
        touch(root / folder / "p232_001.wav", root / folder / "p257_002.wav")
    touch(root / "clean_testset_wav" / "p257_003.wav")  # its noisy twin is missing
    return root


@pytest.fixture
def speech_commands(tmp_path: Path, touch: Touch) -> Path:
    root = tmp_path / "SC"
    touch(*(root / word / f"{name}_nohash_0.wav" for word in (*WORDS, "bed") for name in ("a1", "b2", "c3")))
    (root / "validation_list.txt").write_text("yes/b2_nohash_0.wav\n")
    (root / "testing_list.txt").write_text("yes/c3_nohash_0.wav\nno/c3_nohash_0.wav\n")
    return root


@pytest.fixture
def gtzan(tmp_path: Path, touch: Touch) -> Path:
    root = tmp_path / "GTZAN"
    touch(*(root / "genres" / "blues" / f"blues.{number:05}.au" for number in range(20)))
    return root


@pytest.fixture(params=["empty", "missing"])
def without_files(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder that is empty or does not exist."""
    folder = tmp_path / "folder"
    if request.param == "empty":
        folder.mkdir()
    return folder
