"""The verification of two files."""

import json
import re

import numpy as np
import pytest
import soundfile

pytestmark = pytest.mark.usefixtures("no_dnsmos")


def test_two_files_are_compared_in_tables_sentences_and_json(run, tiny, sound, tmp_path):
    source, target = sound("a.wav"), sound("b.wav", subtype="PCM_24")
    who, report = f"pocketsphinx,{tiny}", tmp_path / "r"
    code, out, _ = run("verify", source, target, "--listeners", who, "--text", "one two", "--report", report)
    assert "attacked" not in out
    assert code == 0 and "What pocketsphinx hears" in out and "the true text" in out
    assert re.search(r"Took \d+ s", out)
    result = json.loads((report / "b.wav.json").read_text())
    assert result["views"]["channel 1"]["reference"] == "one two"
    assert [(cell["listener"], cell["channel"]) for cell in result["cells"]] == [
        ("pocketsphinx", "as it is"),
        ("pocketsphinx", tiny),
    ]
    assert sorted(path.suffix for path in report.iterdir()) == [".json", ".png", ".png"]


def test_a_copy_by_another_tool_is_aligned_and_a_file_that_is_none_gets_one_line(run, sound, tmp_path):
    source = sound("a.wav")
    samples, rate = soundfile.read(source)
    soundfile.write(tmp_path / "moved.wav", np.concatenate([np.zeros(160), samples[:-200]]), rate)
    code, out, _ = run("verify", source, tmp_path / "moved.wav", "--listeners", "ecapa-tdnn")
    assert code == 0 and "160 samples earlier" in out and "Voice: recognised" in out
    noise = np.random.default_rng(0).standard_normal(rate + 1) / 20
    soundfile.write(tmp_path / "noise.wav", noise, rate)
    code, _, err = run("verify", source, tmp_path / "noise.wav", "--listeners", "ecapa-tdnn")
    assert code == 2 and "not a copy" in err and err.count("\n") == 1


def test_a_hum_gets_no_verdict_and_says_what_to_pass(run, tiny, sound):
    files = sound("a.wav", seconds=0.4), sound("b.wav", subtype="PCM_24", seconds=0.4)
    code, out, _ = run("verify", *files, "--listeners", f"pocketsphinx,{tiny}")
    assert code == 0 and "No verdict on the words" in out and "English only" in out
    assert "--text" in out and "--listeners" in out
    assert not re.search(r"nan|-0\.0|Words: protected", out)


def test_identical_files_are_said_to_be(run, tiny, sound):
    source = sound("a.wav", seconds=0.4)
    code, out, _ = run("verify", source, source, "--listeners", f"pocketsphinx,{tiny}")
    assert code == 0 and "the two files hold the same samples" in out and "identical" in out
    assert not re.search(r"nan|-0\.0", out)


def test_who_was_attacked_is_told_and_marked(run, tiny, sound):
    files = sound("a.wav", seconds=0.4), sound("b.wav", subtype="PCM_24", seconds=0.4)
    who = "--listeners", f"ecapa-tdnn,{tiny}"
    _, out, _ = run("verify", *files, *who, "--attacked", f"{tiny},whisper-student")
    assert "among listeners that were never attacked is ecapa-tdnn: cosine" in out
    assert f"{tiny} (attacked)" in out and "ecapa-tdnn (attacked)" not in out
    assert "Attacked, but not asked here: whisper-student." in out
    code, _, err = run("verify", *files, *who, "--attacked", "a,,b")
    assert code == 2 and "--attacked" in err and err.count("\n") == 1


def test_every_view_of_a_stereo_file_is_measured(run, tiny, sound):
    source = sound("a.wav", channels=2, seconds=0.4)
    samples, rate = soundfile.read(source)
    samples[:, 1] += 0.1 * np.random.default_rng(0).standard_normal(len(samples))
    soundfile.write(source, samples, rate)
    target = source.with_name("b.wav")
    soundfile.write(target, 0.9 * samples, rate)
    _, out, _ = run("verify", source, target, "--listeners", f"pocketsphinx,{tiny}", "--text", "one two")
    for name in ("channel 1", "channel 2", "mean", "difference 1-2"):
        assert name in out


def test_names_that_nobody_has_and_an_empty_text_get_one_line(run, sound):
    files = "verify", sound("a.wav", seconds=0.4), sound("b.wav", seconds=0.4)
    for words in (("--listeners", "nobody"), ("--listeners", "a,,b"), ("--listeners", "wide-resnet"), ("--text", "")):
        code, _, err = run(*files, *words)
        assert code == 2 and words[0] in err + "--listeners" and err.count("\n") == 1


def test_a_report_replaces_nothing_that_was_not_written_here(run, tiny, sound, tmp_path):
    report, precious = tmp_path / "r", tmp_path / "r" / "b.wav.json"
    report.mkdir()
    precious.write_text("mine")
    files = sound("a.wav", seconds=0.4), sound("b.wav", seconds=0.4)
    words = "verify", *files, "--listeners", f"pocketsphinx,{tiny}", "--report", report
    code, _, err = run(*words)
    assert code == 2 and "b.wav.json" in err and precious.read_text() == "mine"
    assert run(*words, "--overwrite")[0] == 0 and "views" in precious.read_text()
    assert run(*words)[0] == 0


def test_an_interrupted_verification_goes_on(run, tiny, sound, tmp_path, monkeypatch):
    from sottovoce.models.recognizers import PocketSphinx

    files, report = (sound("a.wav", seconds=0.4), sound("b.wav", seconds=0.4)), tmp_path / "r"
    words = "verify", *files, "--listeners", f"pocketsphinx,{tiny}", "--text", "one two", "--report", report
    heard, transcribe = [], PocketSphinx.transcribe

    def tired(self, *batch):
        if len(heard) == 1:
            raise KeyboardInterrupt
        heard.append(1)
        return transcribe(self, *batch)

    monkeypatch.setattr(PocketSphinx, "transcribe", tired)
    assert run(*words)[0] == 130
    assert [path.name for path in report.iterdir()] == ["b.wav.unfinished.jsonl"]
    monkeypatch.setattr(PocketSphinx, "transcribe", lambda self, *batch: heard.append(1) or transcribe(self, *batch))
    assert run(*words)[0] == 0 and len(heard) == 2
    assert not (report / "b.wav.unfinished.jsonl").exists()
