"""Corpora in the folders they are published in, built small, and the recognition of what lies at a path."""

from pathlib import Path

import pytest

from sottovoce.corpora import (
    Utterance,
    audio_files,
    load_corpus,
    load_pairs,
    pairs_of,
    read_gtzan,
    read_librispeech,
    read_speech_commands,
    read_voicebank_demand,
    write_manifest,
)
from sottovoce.corpora.speech_commands import WORDS
from sottovoce.errors import SottovoceError

SPEAKERS = """;ID  |SEX| SUBSET           |MINUTES| NAME
14   | F | dev-clean        | 25.03 | Kristin LeMoine
16   | M | train-clean-100  | 25.11 | Alys AtteWater
"""


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


@pytest.fixture
def librispeech(tmp_path: Path) -> Path:
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
def voicebank(tmp_path: Path) -> Path:
    root = tmp_path / "VBD"
    for folder in ("clean_trainset_28spk_wav", "noisy_trainset_28spk_wav"):
        touch(root / folder / "p226_001.wav")
    for folder in ("clean_testset_wav", "noisy_testset_wav"):
        touch(root / folder / "p232_001.wav", root / folder / "p257_002.wav")
    touch(root / "clean_testset_wav" / "p257_003.wav")  # its noisy twin is missing
    return root


def test_librispeech(librispeech: Path) -> None:
    assert read_librispeech(librispeech) == [
        Utterance(librispeech / "dev-clean/14/208/14-208-0000.flac", "valid", "14", "F", text="THE DEV SET"),
        Utterance(librispeech / "test-other/367/130732/367-130732-0000.flac", "test", "367", "", text="THE TEST SET"),
        Utterance(
            librispeech / "train-clean-100/16/122828/16-122828-0000.flac", "train", "16", "M", text="THE TRAIN SET"
        ),
    ]
    assert all(utterance.path.is_file() for utterance in read_librispeech(librispeech))


def test_librispeech_without_its_table_of_speakers(librispeech: Path) -> None:
    (librispeech / "SPEAKERS.TXT").unlink()
    assert {utterance.sex for utterance in read_librispeech(librispeech)} == {""}


def test_voicebank_demand(voicebank: Path) -> None:
    pairs = read_voicebank_demand(voicebank)
    found = [(pair.clean.path.parent.name, pair.noisy.path.parent.name, pair.clean.split) for pair in pairs]
    assert found == [
        ("clean_trainset_28spk_wav", "noisy_trainset_28spk_wav", "train"),
        ("clean_testset_wav", "noisy_testset_wav", "test"),
        ("clean_testset_wav", "noisy_testset_wav", "test"),
    ]
    assert all(pair.clean.path.name == pair.noisy.path.name for pair in pairs)
    assert [pair.noisy.speaker for pair in pairs] == ["p226", "p232", "p257"]


def test_pairs_of_a_manifest(tmp_path: Path) -> None:
    rows = [Utterance(tmp_path / side / name) for side in ("clean", "noisy") for name in ("a.flac", "b.flac")]
    pairs = pairs_of([*rows, Utterance(tmp_path / "noisy" / "c.flac")], tmp_path)
    assert [(pair.clean, pair.noisy) for pair in pairs] == [(rows[0], rows[2]), (rows[1], rows[3])]
    with pytest.raises(SottovoceError, match="no pairs of files of the same name"):
        pairs_of(rows[:2], tmp_path)


def test_pairs_are_found_in_a_folder_a_manifest_and_the_published_corpus(voicebank: Path, tmp_path: Path) -> None:
    touch(tmp_path / "clean" / "a.wav", tmp_path / "noisy" / "a.wav", tmp_path / "noisy" / "b.wav")
    (pair,) = load_pairs(tmp_path)
    assert (pair.clean.path, pair.noisy.path) == (tmp_path / "clean" / "a.wav", tmp_path / "noisy" / "a.wav")
    resolved = tmp_path.resolve()
    write_manifest(tmp_path / "list.csv", [Utterance(resolved / side / "a.wav") for side in ("clean", "noisy")])
    assert [pair.noisy.path for pair in load_pairs(tmp_path / "list.csv")] == [tmp_path / "noisy" / "a.wav"]
    assert load_pairs(voicebank) == read_voicebank_demand(voicebank)


def test_a_path_is_recognised_for_what_it_is(librispeech: Path, voicebank: Path, tmp_path: Path) -> None:
    assert load_corpus(librispeech) == read_librispeech(librispeech)
    assert load_corpus(voicebank) == [pair.clean for pair in read_voicebank_demand(voicebank)]
    utterances = [Utterance(tmp_path.resolve() / "x.wav", "valid")]
    write_manifest(tmp_path / "list.csv", utterances)
    assert [utterance.split for utterance in load_corpus(tmp_path / "list.csv")] == ["valid"]


def test_any_other_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    touch(tmp_path / "b.WAV", tmp_path / "noise" / "a.flac", tmp_path / "notes.txt")
    assert audio_files(tmp_path) == [tmp_path / "b.WAV", tmp_path / "noise" / "a.flac"]
    assert load_corpus(tmp_path) == [
        Utterance(tmp_path / "b.WAV", "train", label=tmp_path.name),
        Utterance(tmp_path / "noise" / "a.flac", "train", label="noise"),
    ]


@pytest.mark.parametrize("reader", [read_librispeech, read_voicebank_demand, load_corpus])
@pytest.mark.parametrize("there", [True, False])
def test_an_empty_or_missing_folder_is_named(reader, there: bool, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    if there:
        folder.mkdir()
    with pytest.raises(SottovoceError, match=str(folder)):
        reader(folder)


@pytest.fixture
def speech_commands(tmp_path: Path) -> Path:
    root = tmp_path / "SC"
    touch(*(root / word / f"{name}_nohash_0.wav" for word in (*WORDS, "bed") for name in ("a1", "b2", "c3")))
    (root / "validation_list.txt").write_text("yes/b2_nohash_0.wav\n")
    (root / "testing_list.txt").write_text("yes/c3_nohash_0.wav\nno/c3_nohash_0.wav\n")
    return root


def test_speech_commands(speech_commands: Path) -> None:
    found = read_speech_commands(speech_commands, ["yes"])
    assert [(u.path.name, u.split, u.speaker, u.label, u.text) for u in found] == [
        ("a1_nohash_0.wav", "train", "a1", "yes", "YES"),
        ("b2_nohash_0.wav", "valid", "b2", "yes", "YES"),
        ("c3_nohash_0.wav", "test", "c3", "yes", "YES"),
    ]
    everything = load_corpus(speech_commands)
    assert len(everything) == 30 and "bed" not in {u.label for u in everything}
    assert sum(u.split == "test" for u in everything) == 2
    with pytest.raises(SottovoceError, match="none of the words"):
        read_speech_commands(speech_commands, ["zebra"])


def test_gtzan_is_split_by_song(tmp_path: Path) -> None:
    touch(*(tmp_path / "genres" / "blues" / f"blues.{number:05}.au" for number in range(20)))
    found = load_corpus(tmp_path)
    assert found == read_gtzan(tmp_path) and {u.label for u in found} == {"blues"}
    assert [u.split for u in found] == [*["train"] * 8, "valid", "test"] * 2
    with pytest.raises(SottovoceError, match="no GTZAN songs"):
        read_gtzan(tmp_path / "genres" / "blues")
