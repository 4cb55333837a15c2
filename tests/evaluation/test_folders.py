"""Folders: which files are pairs, and means over them."""

import math

import pandas as pd
import pytest
import soundfile

from sottovoce.corpora.manifest import Utterance, write_manifest
from sottovoce.errors import SottovoceError
from sottovoce.evaluation.folders import evaluate, pairs, summary, texts

pytestmark = pytest.mark.usefixtures("no_dnsmos")


def test_a_folder_gives_counts_and_intervals(pair, echo, reader):
    found = pairs(pair[0].parent, pair[1].parent)
    assert found == [pair]
    rows = evaluate(found * 3, {"echo": echo}, reader, said={"a.wav": "FOUR WORDS ARE HERE"}, failed=pytest.fail)
    lines = summary(rows).set_index("measure")
    assert lines.loc["enhanced_protected_wer", ["mean", "low", "high", "counted", "total"]].tolist() == [1, 1, 1, 3, 3]
    with pytest.raises(SottovoceError, match="no copy"):
        pairs(pair[0].parent, pair[0].parent.parent / "nowhere")


def test_files_belong_together_by_their_place_below_the_folders(tmp_path):
    for name in ("o/a.wav", "o/x/a.wav", "o/x/only.wav", "o/x/notes.txt", "p/x/a.wav", "p/x/notes.txt", "p/only.wav"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert pairs(tmp_path / "o", tmp_path / "p") == [(tmp_path / "o/x/a.wav", tmp_path / "p/x/a.wav")]


def test_texts_come_from_the_manifest_where_it_has_any(tmp_path):
    write_manifest(tmp_path / "list.csv", [Utterance(tmp_path / "a.wav", text="GO"), Utterance(tmp_path / "b.wav")])
    assert texts(tmp_path / "list.csv") == {"a.wav": "GO"}


def test_a_pair_that_cannot_be_compared_stops_no_other(pair, tmp_path, echo, reader):
    samples, rate = soundfile.read(pair[0])
    soundfile.write(tmp_path / "short.wav", samples[1:], rate)
    errors, shares = [], []
    files = [pair, (pair[0], tmp_path / "short.wav"), pair]
    rows = evaluate(files, {"echo": echo, "again": echo}, reader, said={}, progress=shares.append, failed=errors.append)
    assert rows["enhancer"].tolist() == ["echo", "again"] * 2
    assert rows["snr"].tolist() == pytest.approx([20 * math.log10(2)] * 4)
    assert shares == pytest.approx([1 / 3, 2 / 3, 1])
    (error,) = errors
    assert "short.wav: not a copy" in str(error)


def test_each_enhancer_has_means_of_its_own_over_the_files_with_a_value():
    rows = pd.DataFrame(
        {
            "file": ["a", "a", "b", "b"],
            "enhancer": ["first", "second"] * 2,
            "rpr": [1.0, 5.0, 2.0, math.nan],
            "snr": [20.0] * 4,
        }
    )
    lines = summary(rows).set_index(["enhancer", "measure"])
    assert lines.loc[("first", "rpr")].tolist() == [1.5, 1.0, 2.0, 2, 2]
    assert lines.loc[("second", "rpr")].tolist() == [5, 5, 5, 1, 2]
    assert lines.loc[("second", "snr")].tolist() == [20, 20, 20, 2, 2]
    pd.testing.assert_frame_equal(summary(rows, seed=3), summary(rows, seed=3))
