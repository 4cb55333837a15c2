"""The verification of two files."""

import json
import re

import numpy as np
import pytest
import soundfile


def test_two_files_are_compared_in_tables_sentences_and_json(run, tiny, sound, tmp_path):
    source, target = sound("a.wav"), sound("b.wav", subtype="PCM_24")
    code, out, _ = run("verify", source, target, "--against", tiny, "--text", "one two", "--report", tmp_path / "r")
    assert code == 0 and "What pocketsphinx hears" in out and "the true text" in out
    result = json.loads((tmp_path / "r" / "b.wav.json").read_text())
    heard = result["views"]["channel 1"]
    assert heard["reference"] == "one two" and list(heard["enhanced"]) == [tiny]
    assert len(list((tmp_path / "r").glob("*.png"))) == 1


def test_files_that_do_not_belong_together_get_one_line(run, tiny, sound, tmp_path):
    code, _, err = run("verify", sound("a.wav"), sound("b.wav", seconds=0.9), "--against", tiny)
    assert code == 2 and "not a copy" in err and err.count("\n") == 1


@pytest.mark.usefixtures("no_dnsmos")
def test_a_hum_gets_no_verdict_and_says_what_to_pass(run, tiny, sound):
    code, out, _ = run(
        "verify", sound("a.wav", seconds=0.4), sound("b.wav", subtype="PCM_24", seconds=0.4), "--against", tiny
    )
    assert code == 0 and "No verdict on" in out and "English only" in out
    assert "--text" in out and "--listener" in out
    assert not re.search(r"nan|-0\.0|Protected against", out)


@pytest.mark.usefixtures("no_dnsmos")
def test_identical_files_are_said_to_be(run, tiny, sound):
    source = sound("a.wav", seconds=0.4)
    code, out, _ = run("verify", source, source, "--against", tiny)
    assert code == 0 and "the two files hold the same samples" in out and "identical" in out
    assert not re.search(r"nan|-0\.0", out)


@pytest.mark.usefixtures("no_dnsmos")
def test_every_view_of_a_stereo_file_has_its_row(run, tiny, sound):
    source = sound("a.wav", channels=2, seconds=0.4)
    samples, rate = soundfile.read(source)
    samples[:, 1] += 0.1 * np.random.default_rng(0).standard_normal(len(samples))
    soundfile.write(source, samples, rate)
    target = source.with_name("b.wav")
    soundfile.write(target, 0.9 * samples, rate)
    _, out, _ = run("verify", source, target, "--against", tiny, "--text", "one two")
    for name in ("channel 1", "channel 2", "mean", "difference 1-2"):
        assert name in out


@pytest.mark.usefixtures("no_dnsmos")
def test_a_recogniser_is_chosen_by_name(run, tiny, sound):
    words = "verify", sound("a.wav", seconds=0.4), sound("b.wav", seconds=0.4), "--against", tiny
    code, _, err = run(*words, "--listener", "nobody")
    assert code == 2 and "nobody" in err and err.count("\n") == 1
    code, _, err = run(*words, "--text", "")
    assert code == 2 and "--text" in err and err.count("\n") == 1


@pytest.mark.usefixtures("no_dnsmos")
def test_a_report_replaces_nothing_that_was_not_written_here(run, tiny, sound, tmp_path):
    report, precious = tmp_path / "r", tmp_path / "r" / "b.wav.json"
    report.mkdir()
    precious.write_text("mine")
    words = "verify", sound("a.wav", seconds=0.4), sound("b.wav", seconds=0.4), "--against", tiny, "--report", report
    code, _, err = run(*words)
    assert code == 2 and "b.wav.json" in err and precious.read_text() == "mine"
    assert run(*words, "--overwrite")[0] == 0 and "views" in precious.read_text()
    assert run(*words)[0] == 0
