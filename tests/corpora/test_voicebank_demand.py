"""VoiceBank-DEMAND and other pairs of clean and noisy files."""

from pathlib import Path

import pytest

from sottovoce.corpora import Utterance, pairs_of, read_voicebank_demand
from sottovoce.errors import SottovoceError


def test_files_of_the_same_name_are_pairs(voicebank: Path) -> None:
    pairs = read_voicebank_demand(voicebank)
    found = [(pair.clean.path.parent.name, pair.noisy.path.parent.name, pair.clean.split) for pair in pairs]
    assert found == [
        ("clean_trainset_28spk_wav", "noisy_trainset_28spk_wav", "train"),
        ("clean_testset_wav", "noisy_testset_wav", "test"),
        ("clean_testset_wav", "noisy_testset_wav", "test"),
    ]
    assert all(pair.clean.path.name == pair.noisy.path.name for pair in pairs)
    assert [pair.noisy.speaker for pair in pairs] == ["p226", "p232", "p257"]


def test_utterances_are_paired_by_folder_and_name(tmp_path: Path) -> None:
    rows = [Utterance(tmp_path / side / name) for side in ("clean", "noisy") for name in ("a.flac", "b.flac")]
    pairs = pairs_of([*rows, Utterance(tmp_path / "noisy" / "c.flac")], tmp_path)
    assert [(pair.clean, pair.noisy) for pair in pairs] == [(rows[0], rows[2]), (rows[1], rows[3])]
    with pytest.raises(SottovoceError, match="no pairs of files of the same name"):
        pairs_of(rows[:2], tmp_path)


def test_a_folder_without_pairs_is_an_error(without_files: Path) -> None:
    with pytest.raises(SottovoceError, match=f"{without_files}: no pairs"):
        read_voicebank_demand(without_files)
