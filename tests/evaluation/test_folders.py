"""Folders: which files are pairs, and means over them."""

import math
import pickle
import shutil
from dataclasses import replace
from functools import partial

import pandas as pd
import pytest
import soundfile

from sottovoce.corpora.manifest import Utterance, write_manifest
from sottovoce.errors import SottovoceError
from sottovoce.evaluation.folders import evaluate, pairs, summary, texts, unpaired
from sottovoce.evaluation.panel import Panel
from sottovoce.processes import each

pytestmark = pytest.mark.usefixtures("no_dnsmos")


def no_failure(original, error):
    pytest.fail(f"{original}: {error}")


def lines_of(rows, listener="reader", channel="as it is"):
    lines = summary(rows)
    return lines[(lines["listener"] == listener) & (lines["channel"] == channel)].set_index("measure")


def whole(rows):
    return rows[rows["kind"] == "file"]


def test_a_folder_gives_counts_and_intervals(pair, panel):
    found = pairs(pair[0].parent, pair[1].parent)
    assert found == [pair]
    rows = evaluate(found * 3, panel, said={pair[0].resolve(): "FOUR WORDS ARE HERE"}, failed=no_failure)
    lines = lines_of(rows, channel="echo")
    assert lines.loc["protected", ["mean", "low", "high", "counted", "total"]].tolist() == [1, 1, 1, 3, 3]
    assert lines.loc["original", "mean"] == 0
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


def test_equal_names_in_other_folders_share_no_text(pair, tmp_path, panel):
    for folder in ("o", "p"):
        (tmp_path / folder / "x").mkdir()
        shutil.copy(tmp_path / folder / "a.wav", tmp_path / folder / "x" / "a.wav")
    write_manifest(tmp_path / "o" / "list.csv", [Utterance(tmp_path / "o" / "x" / "a.wav", text="FOUR WORDS")])
    said = texts(tmp_path / "o" / "list.csv")
    rows = evaluate(pairs(tmp_path / "o", tmp_path / "p"), panel, said=said, failed=no_failure)
    alone = rows[(rows["listener"] == "reader") & (rows["channel"] == "as it is")].set_index("file")
    assert alone["reference"].to_dict() == {str(pair[0]): "reader", str(tmp_path / "o" / "x" / "a.wav"): "given"}
    assert alone["original"].tolist() == pytest.approx([0, 1])


def test_files_without_a_counterpart_are_rows_and_count(pair, tmp_path, panel):
    for name in ("o/only.wav", "p/extra.wav", "p/a.flac"):
        (tmp_path / name).touch()
    missing = unpaired(tmp_path / "o", tmp_path / "p")
    assert {file.name: reason.split(" in ")[0] for file, reason in missing.items()} == {
        "only.wav": "no copy",
        "a.flac": "no original",
        "extra.wav": "no original",
    }
    rows = evaluate([pair], panel, said={}, missing=missing, failed=no_failure)
    assert whole(rows)["problem"].str.startswith("no ").tolist() == [False, True, True, True]
    assert lines_of(rows, "", "").loc["snr", ["counted", "total"]].tolist() == [1, 4]


def test_a_folder_of_copies_inside_the_originals_holds_no_originals(tmp_path):
    for name in ("o/a.wav", "o/p/a.wav", "o/p/b.wav"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert pairs(tmp_path / "o", tmp_path / "o/p") == [(tmp_path / "o/a.wav", tmp_path / "o/p/a.wav")]
    assert list(unpaired(tmp_path / "o", tmp_path / "o/p")) == [tmp_path / "o/p/b.wav"]
    with pytest.raises(SottovoceError, match="same folder"):
        pairs(tmp_path / "o", tmp_path / "o")


def test_rows_and_means_say_who_was_attacked(pair, panel, tmp_path):
    missing = {tmp_path / "o" / "only.wav": "no copy"}
    rows = evaluate([pair], panel, said={}, attacked=["echo"], missing=missing, failed=no_failure)
    assert rows[["kind", "channel", "attacked"]].to_numpy().tolist() == [
        ["file", "", False],
        ["enhancer", "echo", True],
        ["words", "as it is", False],
        ["words", "echo", True],
        ["file", "", False],
    ]
    assert lines_of(rows)["attacked"].tolist() == [False] * 4
    assert lines_of(rows, channel="echo")["attacked"].tolist() == [True] * 4


def test_infinite_values_are_counted_apart(pair, panel):
    rows = evaluate([pair, (pair[0], pair[0])], panel, said={}, failed=no_failure)
    lines = lines_of(rows, "", "")
    assert lines.loc["snr", ["mean", "low", "high"]].tolist() == pytest.approx([20 * math.log10(2)] * 3)
    assert lines.loc["snr", ["counted", "total", "infinite"]].tolist() == [1, 2, 1]
    assert math.isfinite(lines.loc["si_sdr", "mean"])


def test_a_row_without_words_says_why(pair, panel, reader):
    reader.transcribe = lambda waveforms, lengths=None: [""] * len(waveforms)
    rows = evaluate([pair], panel, said={}, failed=no_failure)
    heard = rows[rows["kind"] == "words"]
    assert heard["problem"].str.contains("heard no words").all() and heard["protected"].isna().all()
    assert whole(rows)["snr"].tolist() == pytest.approx([20 * math.log10(2)])


def test_an_unforeseen_error_stops_no_other_pair(pair, panel, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("sottovoce.evaluation.folders.verify", broken)
    errors = []
    rows = evaluate([pair], panel, said={}, failed=lambda original, error: errors.append(error))
    assert isinstance(errors[0], ZeroDivisionError) and "by zero" in rows["problem"].item()


def test_a_pair_that_cannot_be_compared_stops_no_other(pair, tmp_path, panel):
    samples, rate = soundfile.read(pair[0])
    soundfile.write(tmp_path / "stereo.wav", samples[:, None].repeat(2, 1), rate)
    errors, shares = [], []
    files = [pair, (pair[0], tmp_path / "stereo.wav"), pair]
    rows = evaluate(files, panel, said={}, progress=shares.append, failed=lambda *error: errors.append(error))
    files_of = whole(rows)
    assert files_of["problem"].str.contains("2 channels").tolist() == [False, True, False]
    assert files_of["snr"].dropna().tolist() == pytest.approx([20 * math.log10(2)] * 2)
    assert shares == sorted(shares) and shares[-1] == 1 and 1 / 3 in shares
    ((original, error),) = errors
    assert original == pair[0] and "stereo.wav" in str(error)


def test_an_interrupted_evaluation_goes_on_where_it_stopped(pair, panel, reader, tmp_path):
    place = tmp_path / "unfinished.jsonl"

    def interrupted(share):
        if share > 0.6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate([pair, pair[::-1]], panel, said={}, ledger=place, progress=interrupted, failed=no_failure)
    asked, transcribe = [], reader.transcribe
    reader.transcribe = lambda waveforms: asked.append(len(waveforms)) or transcribe(waveforms)
    rows = evaluate([pair, pair[::-1]], panel, said={}, ledger=place, failed=no_failure)
    assert asked.count(4) == 1  # of four cells the one that was missing; the others are for the references
    fresh = evaluate([pair, pair[::-1]], panel, said={}, failed=no_failure)
    pd.testing.assert_frame_equal(rows, fresh)


def test_means_are_over_the_files_with_a_value_and_tested_beside_noise():
    columns = {"kind": "words", "channel": "as it is", "view": "channel 1"}
    values = {"protected": [0.5, 0.6, 0.7, 0.8, 0.9, 1.0], "noise_as_loud": [0.1] * 6}
    rows = [
        {"file": str(n), "listener": "first", **columns, **{name: each[n] for name, each in values.items()}}
        for n in range(6)
    ]
    rows += [{"file": "0", "listener": "second", **columns, "protected": 0.5, "noise_as_loud": math.nan}]
    table = pd.DataFrame(rows).assign(noise_alike=math.nan, attacked=False)
    lines = summary(table).set_index(["listener", "measure"])
    assert lines.loc[("first", "protected"), ["mean", "counted", "total"]].tolist() == [0.75, 6, 6]
    assert lines.loc[("first", "protected"), "p_noise_as_loud"] == 2 / 2**6  # all six differences of one sign
    assert math.isnan(lines.loc[("second", "protected"), "p_noise_as_loud"])
    pd.testing.assert_frame_equal(summary(table, seed=3), summary(table, seed=3))


def test_originals_of_a_pattern_or_manifest_have_the_copies_that_protect_gives_them(tmp_path):
    for name in ("o/x/a.wav", "o/y/b.wav", "o/y/c.wav", "p/x/a.wav", "p/y/b.wav", "p/y/else.wav"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    both = [(tmp_path / "o" / name, tmp_path / "p" / name) for name in ("x/a.wav", "y/b.wav")]
    pattern = tmp_path / "o" / "**" / "*.wav"
    write_manifest(tmp_path / "o" / "list.csv", [Utterance(original) for original, _ in both])
    assert pairs(pattern, tmp_path / "p") == pairs(tmp_path / "o" / "list.csv", tmp_path / "p") == both
    assert list(unpaired(pattern, tmp_path / "p")) == [tmp_path / "o" / "y" / "c.wav"]
    assert unpaired(tmp_path / "o" / "list.csv", tmp_path / "p") == {}


def test_several_processes_load_their_own_panels(pair, panel):
    sent = []

    def elsewhere(build, tasks, **settings):
        sent.append((pickle.loads(pickle.dumps(build)), settings["processes"]))
        return each(lambda: replace(build, panel=panel)(), tasks)

    rows = evaluate([pair], partial(Panel.of, ["pocketsphinx"]), said={}, jobs=2, run=elsewhere, failed=no_failure)
    ((build, jobs),) = sent
    assert jobs == 2 and list(build.panel().recognisers) == ["pocketsphinx"]
    pd.testing.assert_frame_equal(rows, evaluate([pair], panel, said={}, failed=no_failure))


def test_progress_is_counted_by_the_lengths_of_recordings(pair, panel):
    shares = []
    evaluate([pair, pair], panel, said={}, lengths=[3.0, 1.0], progress=shares.append, failed=no_failure)
    assert 0.75 in shares and shares[-1] == 1.0
