"""Folders: which files are pairs, and means over them."""

import math
import shutil

import pandas as pd
import pytest
import soundfile

from sottovoce.corpora.manifest import Utterance, write_manifest
from sottovoce.errors import SottovoceError
from sottovoce.evaluation.folders import evaluate, pairs, summary, texts, unpaired

pytestmark = pytest.mark.usefixtures("no_dnsmos")


def no_failure(original, error):
    pytest.fail(f"{original}: {error}")


def test_a_folder_gives_counts_and_intervals(pair, echo, reader):
    found = pairs(pair[0].parent, pair[1].parent)
    assert found == [pair]
    rows = evaluate(
        found * 3, {"echo": echo}, reader, said={pair[0].resolve(): "FOUR WORDS ARE HERE"}, failed=no_failure
    )
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
    assert texts(tmp_path / "list.csv") == {(tmp_path / "a.wav").resolve(): "GO"}


def test_equal_names_in_other_folders_share_no_text(pair, tmp_path, echo, reader):
    for folder in ("o", "p"):
        (tmp_path / folder / "x").mkdir()
        shutil.copy(tmp_path / folder / "a.wav", tmp_path / folder / "x" / "a.wav")
    write_manifest(tmp_path / "o" / "list.csv", [Utterance(tmp_path / "o" / "x" / "a.wav", text="FOUR WORDS")])
    said = texts(tmp_path / "o" / "list.csv")
    found = pairs(tmp_path / "o", tmp_path / "p")
    rows = evaluate(found, {"echo": echo}, reader, said=said, failed=no_failure).set_index("file")
    assert rows["reference_given"].to_dict() == {str(pair[0]): False, str(tmp_path / "o" / "x" / "a.wav"): True}
    assert rows["original_wer"].tolist() == pytest.approx([0, 1])


def test_files_without_a_counterpart_are_rows_and_count(pair, tmp_path, echo, reader):
    for name in ("o/only.wav", "p/extra.wav", "p/a.flac"):
        (tmp_path / name).touch()
    missing = unpaired(tmp_path / "o", tmp_path / "p")
    assert {file.name: reason.split(" in ")[0] for file, reason in missing.items()} == {
        "only.wav": "no copy",
        "a.flac": "no original",
        "extra.wav": "no original",
    }
    rows = evaluate([pair], {"echo": echo}, reader, said={}, missing=missing, failed=no_failure)
    assert rows["problem"].str.startswith("no ").tolist() == [False, True, True, True]
    assert summary(rows).set_index("measure").loc["snr", ["counted", "total"]].tolist() == [1, 4]


def test_a_folder_of_copies_inside_the_originals_holds_no_originals(tmp_path):
    for name in ("o/a.wav", "o/p/a.wav", "o/p/b.wav"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert pairs(tmp_path / "o", tmp_path / "o/p") == [(tmp_path / "o/a.wav", tmp_path / "o/p/a.wav")]
    assert list(unpaired(tmp_path / "o", tmp_path / "o/p")) == [tmp_path / "o/p/b.wav"]
    with pytest.raises(SottovoceError, match="same folder"):
        pairs(tmp_path / "o", tmp_path / "o")


def test_infinite_values_are_counted_apart(pair, echo, reader):
    files = [pair, (pair[0], pair[0])]
    lines = summary(evaluate(files, {"echo": echo}, reader, said={}, failed=no_failure)).set_index("measure")
    assert lines.loc["snr", ["mean", "low", "high"]].tolist() == pytest.approx([20 * math.log10(2)] * 3)
    assert lines.loc["snr", ["counted", "total", "infinite"]].tolist() == [1, 2, 1]
    assert math.isfinite(lines.loc["si_sdr", "mean"])


def test_a_row_without_words_says_why(pair, echo, reader):
    reader.transcribe = lambda waveforms, lengths=None: [""] * len(waveforms)
    (row,) = evaluate([pair], {"echo": echo}, reader, said={}, failed=no_failure).to_dict("records")
    assert "heard no words" in row["problem"] and math.isnan(row["protected_wer"])
    assert row["snr"] == pytest.approx(20 * math.log10(2))


def test_an_unforeseen_error_stops_no_other_pair(pair, echo, reader):
    class Broken(type(echo)):
        def forward(self, waveforms, lengths=None):
            raise ZeroDivisionError("by zero")

    errors = []
    evaluate([pair], {"echo": Broken()}, reader, said={}, failed=lambda original, error: errors.append(error))
    assert isinstance(errors[0], ZeroDivisionError)


def test_a_pair_that_cannot_be_compared_stops_no_other(pair, tmp_path, echo, reader):
    samples, rate = soundfile.read(pair[0])
    soundfile.write(tmp_path / "short.wav", samples[1:], rate)
    errors, shares = [], []
    files = [pair, (pair[0], tmp_path / "short.wav"), pair]
    rows = evaluate(
        files,
        {"echo": echo, "again": echo},
        reader,
        said={},
        progress=shares.append,
        failed=lambda *error: errors.append(error),
    )
    assert rows["enhancer"].tolist() == ["echo", "again"] * 3
    assert rows["problem"].str.contains("not a copy").tolist() == [False, False, True, True, False, False]
    assert rows["snr"].dropna().tolist() == pytest.approx([20 * math.log10(2)] * 4)
    assert shares == pytest.approx([1 / 3, 2 / 3, 1])
    ((original, error),) = errors
    assert original == pair[0]
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
    assert lines.loc[("first", "rpr")].tolist() == [1.5, 1.0, 2.0, 2, 2, 0]
    assert lines.loc[("second", "rpr")].tolist() == [5, 5, 5, 1, 2, 0]
    assert lines.loc[("second", "snr")].tolist() == [20, 20, 20, 2, 2, 0]
    pd.testing.assert_frame_equal(summary(rows, seed=3), summary(rows, seed=3))
