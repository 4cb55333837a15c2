"""The kind of corpus at a path is recognised."""

from pathlib import Path

import pytest

from sottovoce.corpora import (
    Utterance,
    audio_files,
    load_corpus,
    load_pairs,
    read_gtzan,
    read_librispeech,
    read_speech_commands,
    read_voicebank_demand,
    write_manifest,
)
from sottovoce.corpora.gtzan import GENRES
from sottovoce.errors import SottovoceError


def test_known_layouts_are_recognised(librispeech: Path, voicebank: Path, speech_commands: Path, gtzan: Path) -> None:
    assert load_corpus(librispeech) == read_librispeech(librispeech)
    assert load_corpus(voicebank) == [pair.clean for pair in read_voicebank_demand(voicebank)]
    assert load_corpus(speech_commands) == read_speech_commands(speech_commands)
    assert load_corpus(gtzan) == read_gtzan(gtzan)


def test_the_ten_genres_are_gtzan_without_the_folder_above_them(tmp_path: Path, touch) -> None:
    touch(*(tmp_path / genre / f"{genre}.{number:05}.wav" for genre in GENRES for number in range(10)))
    assert {(u.label, u.split) for u in load_corpus(tmp_path)} == {
        (genre, split) for genre in GENRES for split in ("train", "valid", "test")
    }


def test_a_csv_file_is_a_manifest(tmp_path: Path) -> None:
    utterances = [Utterance(tmp_path.resolve() / "x.wav", "valid")]
    write_manifest(tmp_path / "list.csv", utterances)
    assert [utterance.split for utterance in load_corpus(tmp_path / "list.csv")] == ["valid"]


def test_all_sound_files_of_another_folder_are_listed(tmp_path: Path, touch) -> None:
    touch(tmp_path / "b.WAV", tmp_path / "noise" / "a.flac", tmp_path / "notes.txt")
    assert audio_files(tmp_path) == [tmp_path / "b.WAV", tmp_path / "noise" / "a.flac"]
    assert load_corpus(tmp_path) == [
        Utterance(tmp_path / "b.WAV", "train", label=tmp_path.name),
        Utterance(tmp_path / "noise" / "a.flac", "train", label="noise"),
    ]


def test_a_folder_without_sound_is_an_error(without_files: Path) -> None:
    with pytest.raises(SottovoceError, match=str(without_files)):
        load_corpus(without_files)


def test_pairs_are_found_in_a_folder_a_manifest_and_voicebank_demand(voicebank: Path, tmp_path: Path, touch) -> None:
    touch(tmp_path / "clean" / "a.wav", tmp_path / "noisy" / "a.wav", tmp_path / "noisy" / "b.wav")
    (pair,) = load_pairs(tmp_path)
    assert (pair.clean.path, pair.noisy.path) == (tmp_path / "clean" / "a.wav", tmp_path / "noisy" / "a.wav")
    resolved = tmp_path.resolve()
    write_manifest(tmp_path / "list.csv", [Utterance(resolved / side / "a.wav") for side in ("clean", "noisy")])
    assert [pair.noisy.path for pair in load_pairs(tmp_path / "list.csv")] == [tmp_path / "noisy" / "a.wav"]
    assert load_pairs(voicebank) == read_voicebank_demand(voicebank)


def test_a_folder_without_pairs_is_an_error(without_files: Path) -> None:
    with pytest.raises(SottovoceError, match=f"{without_files}: no pairs of files"):
        load_pairs(without_files)
