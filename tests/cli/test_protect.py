"""One clear line for each bad file, nothing half-written, and reruns that skip what is done."""

import errno
import json
import os
import struct
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sottovoce.channels import Quantization
from sottovoce.evaluation.survival import Survival


def wav(samples, subtype="PCM_16"):
    def make(path):
        soundfile.write(path, samples, 16_000, subtype=subtype)

    return make


def truncated(path):
    wav(np.ones(16_000) / 2)(path)
    path.write_bytes(path.read_bytes()[:9_000])


def wrong_header(path):
    wav(np.ones(16_000) / 2)(path)
    data = bytearray(path.read_bytes())
    data[20:24] = struct.pack("<HH", 0x7777, 9)  # an unknown encoding of 9 channels
    path.write_bytes(data)


BAD = {
    "missing": lambda path: None,
    "empty": lambda path: path.write_bytes(b""),
    "truncated": truncated,
    "not audio": lambda path: path.write_text("a letter, not a sound\n" * 100),
    "zero-length": wav(np.zeros(0)),
    "NaN": wav(np.full(16_000, np.nan), "FLOAT"),
    "infinite": wav(np.full(16_000, np.inf), "FLOAT"),
    "silent": wav(np.zeros(16_000)),
    "50 ms": wav(np.ones(800) / 2),
    "wrong header": wrong_header,
}


def assert_one_line(err, *parts):
    assert err.startswith("sottovoce: ") and err.count("\n") == 1, err
    assert all(str(part) in err for part in parts), err


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_gets_one_line_and_no_target(tmp_path, tiny, run, kind):
    source, target = tmp_path / "bad.wav", tmp_path / "out" / "b.wav"
    target.parent.mkdir()
    BAD[kind](source)
    before = source.read_bytes() if source.exists() else None
    code, _, err = run("protect", "words", source, "-o", target, "--against", tiny)
    assert code == 2
    assert_one_line(err, source)
    assert list(target.parent.iterdir()) == []
    assert (source.read_bytes() if source.exists() else None) == before


def test_a_batch_goes_on_and_ends_with_1(tmp_path, sound, tiny, run):
    good = sound("in/deep/good.wav")
    for number, make in enumerate(BAD.values()):
        make(tmp_path / "in" / f"bad{number}.wav")
    code, out, err = run("protect", "words", tmp_path / "in", "-o", tmp_path / "out", "--against", tiny)
    assert code == 1
    assert len(out.splitlines()) == 1 and str(good) in out
    written = sorted(path.name for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert written == ["good.wav"]
    assert soundfile.info(tmp_path / "out" / "deep" / "good.wav").frames == 16_000
    lines = err.splitlines()
    assert lines[9] == "sottovoce: 1 of 10 files protected; 9 failed:" and lines[10:] == lines[:9]


def test_a_rerun_skips_what_is_done(tmp_path, sound, tiny, run):
    command = ("protect", "words", sound("in/a.wav"), sound("in/b.wav"), "-o", tmp_path / "out", "--against", tiny)
    run(*command)
    (tmp_path / "out" / "b.wav").unlink()
    stamp = (tmp_path / "out" / "a.wav").stat().st_mtime_ns
    code, out, _ = run(*command)
    assert code == 0
    assert ["done before" in line for line in out.splitlines()] == [True, False]
    assert (tmp_path / "out" / "a.wav").stat().st_mtime_ns == stamp
    assert "done before" not in run(*command, "--overwrite")[1]


def test_an_unwritable_target(tmp_path, sound, tiny, run):
    source = sound()
    code, _, err = run("protect", "words", source, "-o", tmp_path / "no" / "such" / "b.wav", "--against", tiny)
    assert code == 2
    assert_one_line(err, "does not exist")
    (tmp_path / "file").write_text("")
    code, _, err = run("protect", "words", source, "-o", tmp_path / "file" / "b.wav", "--against", tiny)
    assert code == 2
    assert_one_line(err, "file")
    code, _, err = run("protect", "words", source, "-o", tmp_path / "b.xyz", "--against", tiny)
    assert code == 2
    assert_one_line(err, ".xyz")


def test_a_full_disk_leaves_nothing(tmp_path, sound, tiny, run, monkeypatch):
    source, folder = sound(), tmp_path / "out"
    folder.mkdir()

    def full(path, data):
        with path.open("wb") as file:
            file.write(data[:100])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    code, _, err = run("protect", "words", source, "-o", folder / "b.wav", "--against", tiny)
    assert code == 2
    assert_one_line(err, "No space left")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("--against", "nobody"), "nobody"),
        (("--attack", "magic"), "--attack magic"),
        (("--snr", "nan"), "--snr nan"),
        (("--snr", "120"), "--snr"),
        (("--steps", "0"), "--steps"),
        (("--seed", "-1"), "--seed"),
        (("--as", "/no/such/file.wav"), "no such sound file"),
        (("--in-rooms",), "--in-rooms"),
        (("--device", "tpu"), "device tpu"),
        (("--against", "a,,b"), "a name is empty"),
        (("--against", "deep-speech", "--in-rooms"), "--as TEXT"),
        (("--against", "deep-speech", "--as", "door 4"), "4"),
        (("--against", "deep-speech", "--attack", "opt"), "--attack"),
        (("--against", "deep-speech,metricgan-plus", "--as", "go"), "not into deep-speech,metricgan-plus"),
        (("--against", "metricgan-plus+nobody"), "nobody"),
    ],
)
def test_a_wrong_setting_gets_one_line(tmp_path, sound, tiny, run, words, part):
    code, _, err = run("protect", "words", sound(), "-o", tmp_path / "b.wav", "--against", tiny, *words)
    assert code == 2
    assert_one_line(err, part)
    assert not (tmp_path / "b.wav").exists()


def test_an_original_is_never_overwritten(tmp_path, sound, tiny, run):
    source, other = sound("in/a.wav"), sound("elsewhere/a.wav")
    before = source.read_bytes()
    for words in ((source, "-o", source), (source.parent, "-o", source.parent), (source, other, "-o", source.parent)):
        code, _, err = run("protect", "words", *words, "--against", tiny)
        assert code == 2
        assert_one_line(err, "original")
    assert (
        run("protect", "words", source, other, "-o", tmp_path / "out", "--against", tiny)[0] == 2
    )  # both to out/a.wav
    assert source.read_bytes() == before


def test_control_c_leaves_no_half_file(tmp_path, sound, tiny, run, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("sottovoce.protections.against_enhancers.erasing", interrupted)
    folder = tmp_path / "out"
    folder.mkdir()
    assert run("protect", "words", sound(), "-o", folder / "b.wav", "--against", tiny)[0] == 130
    assert list(folder.iterdir()) == []


@pytest.fixture
def few(monkeypatch):
    """Two usual listeners and one channel to survive; all of them take minutes."""
    monkeypatch.setattr("sottovoce.evaluation.panel.DEFAULT", ("ecapa-tdnn", "metricgan-plus"))
    channels = Survival({"8 bit": Quantization(256)}, {})
    monkeypatch.setattr("sottovoce.evaluation.verify.survival_channels", lambda: channels)


def test_a_report_folder_gets_measurements_and_pictures(tmp_path, sound, tiny, run, few, no_dnsmos):
    report, source = tmp_path / "report", sound(seconds=0.4)
    _, out, _ = run("protect", "words", source, "-o", tmp_path / "b.wav", "--against", tiny, "--report", report)
    assert "among listeners that were never attacked is ecapa-tdnn" in out and "computing" not in out
    result = json.loads((tmp_path / "report" / "b.wav.json").read_text())
    assert result["snr"] >= 20
    # the enhancer attacked stands beside the usual listeners
    assert result["listeners"] == ["ecapa-tdnn"]
    assert {"as it is", "metricgan-plus", tiny, "8 bit"} <= set(result["channels"])
    assert result["attacked"] == [tiny]
    pictures = list(report.glob("*.png"))
    assert report / "b.wav-matrix.png" in pictures and len(pictures) == 3
    assert all(picture.read_bytes().startswith(b"\x89PNG") for picture in pictures)
    assert not list(report.glob("*unfinished*"))


def test_what_a_search_will_cost_is_said_once_before_the_work(tmp_path, sound, run, monkeypatch):
    monkeypatch.setattr("sottovoce.speed.search.announcement", lambda aim: f"{aim.steps} steps take long.")
    files = sound("in/a.wav", seconds=0.3), sound("in/b.wav", seconds=0.3)
    command = ("protect", "words", *files, "-o", tmp_path / "out", "--against", "deep-speech", "--steps", 2)
    out = run(*command)[1]
    assert out.startswith("2 steps take long.\n") and out.count("take long") == 1
    monkeypatch.setattr("sottovoce.cli.protecting.done_before", lambda *_, **__: True)
    _, out, _ = run(*command)
    assert "take long" not in out and out.count("done before") == 2


def test_every_protection_reports_what_was_done_in_a_folder_of_its_own(tmp_path, sound, run):
    run("protect", "keyword", sound(), "-o", tmp_path / "b.wav", "--as", "right", "--report", tmp_path / "report")
    report = json.loads((tmp_path / "report" / "b.wav.report.json").read_text())
    assert report["protection"] == "keyword" and report["effect"]["wanted"] == "right"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.wav", "in.wav", "report"]


def test_another_recording_is_replaced_only_if_that_is_asked_for(tmp_path, sound, tiny, run):
    source, other = sound(), sound("other.wav", seconds=0.7)
    before = other.read_bytes()
    code, _, err = run("protect", "words", source, "-o", other, "--against", tiny)
    assert code == 2 and other.read_bytes() == before
    assert_one_line(err, "did not write", "--overwrite")
    assert run("protect", "words", source, "-o", other, "--against", tiny, "--overwrite")[0] == 0
    assert other.read_bytes() != before


def test_a_chain_with_a_recogniser_at_its_end_is_made_to_write_other_words(tmp_path, sound, run):
    target = tmp_path / "b.wav"
    code, out, err = run(
        "protect", "words", sound(seconds=0.5), "-o", target, "--against", "wave-unet+deep-speech", "--steps", 2
    )
    if code == 0:  # it heard words in the hum
        assert "wave-unet+deep-speech" in out and target.exists()
    else:
        assert_one_line(err, "hears no words")
        assert not target.exists()


@pytest.mark.parametrize(
    ("command", "option", "owner"),
    [
        ("voice", "--seed", "protect words and protect both"),
        ("voice", "--as", "protect words and protect keyword"),
        ("words", "--generator", "protect voice and protect keyword"),
        ("keyword", "--in-rooms", "protect words"),
    ],
)
def test_an_option_of_another_subcommand_is_refused_with_its_owner(tmp_path, run, command, option, owner):
    code, _, err = run("protect", command, "x.wav", "-o", tmp_path / "y.wav", option, "1")
    assert code == 2
    assert_one_line(err, f"protect {command} has no option {option}", f"for {owner};")


def test_a_mistyped_option_gets_a_suggestion(tmp_path, run):
    code, _, err = run("protect", "words", "x.wav", "-o", tmp_path / "y.wav", "--agianst", "x")
    assert code == 2
    assert_one_line(err, "--against")


def test_a_keyword_is_heard_as_another_and_a_rerun_skips_it(tmp_path, sound, run):
    command = ("protect", "keyword", sound(), "-o", tmp_path / "b.wav", "--as", "right")
    code, out, err = run(*command)
    assert (code, err) == (0, "") and "heard as right" in out
    assert "done before" in run(*command)[1]
    code, _, err = run("protect", "keyword", sound(), "-o", tmp_path / "c.wav", "--as", "hello")
    assert code == 2
    assert_one_line(err, "there is no label 'hello'")


@pytest.mark.parametrize("command", [("words",), ("keyword", "--as", "right")])
def test_every_protection_can_be_undone_with_a_key(tmp_path, sound, tiny, run, command):
    source, key, target, back = sound(), tmp_path / "a.key", tmp_path / "b.wav", tmp_path / "back.wav"
    run("keygen", key)
    against = ("--against", tiny) if command[0] == "words" else ()
    assert run("protect", *command, source, "-o", target, "--key", key, *against)[0] == 0
    assert run("restore", target, "-o", back, "--key", key)[0] == 0
    assert back.read_bytes() == source.read_bytes()


def test_a_name_without_room_for_the_report_is_refused_before_the_work(run, tiny, sound, tmp_path):
    source = sound(f"{'n' * 240}.wav", seconds=0.3)
    report = tmp_path / "report"
    code, _, err = run("protect", "words", source, "-o", tmp_path / "out", "--against", tiny, "--report", report)
    assert code == 2 and list((tmp_path / "out").iterdir()) == []
    assert_one_line(err, "too long for the files to write")


def test_help_is_quick_because_nothing_heavy_is_imported():
    code = "import sys, sottovoce.cli; print([m for m in ('torch', 'pandas', 'matplotlib') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


def test_a_file_with_other_words_in_the_same_voice_does_not_count_as_protected_from_both(tmp_path, run):
    speech, rate = soundfile.read(files("sottovoce.data") / "demo.wav", stop=24_000)
    source, target = tmp_path / "a.wav", tmp_path / "b.wav"
    soundfile.write(source, speech, rate)
    command = ("protect", "both", source, "-o", target, "--against", "deep-speech", "--encoders", "ecapa-tdnn")
    code, out, err = run(*command, "--steps", 8, "--snr", 20)
    assert code == 2 and "8 steps on 2 listeners" in out
    assert_one_line(err, "a.wav", "ecapa-tdnn recognises the voice as before")
    assert not target.exists()
