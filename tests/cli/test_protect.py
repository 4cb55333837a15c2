"""One clear line for each bad file, nothing half-written, and reruns that skip what is done."""

import errno
import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile


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
    code, _, err = run("protect", source, "-o", target, "--against", tiny)
    assert code == 2
    assert_one_line(err, source)
    assert list(target.parent.iterdir()) == []
    assert (source.read_bytes() if source.exists() else None) == before


def test_a_batch_goes_on_and_ends_with_1(tmp_path, sound, tiny, run):
    good = sound("in/deep/good.wav")
    for number, make in enumerate(BAD.values()):
        make(tmp_path / "in" / f"bad{number}.wav")
    code, out, err = run("protect", tmp_path / "in", "-o", tmp_path / "out", "--against", tiny)
    assert code == 1
    assert len(out.splitlines()) == 1 and str(good) in out
    written = sorted(path.name for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert written == ["good.wav", "good.wav.sottovoce.json"]
    assert soundfile.info(tmp_path / "out" / "deep" / "good.wav").frames == 16_000
    assert len(err.splitlines()) == len(BAD)  # all but the missing one, and how many there were


def test_a_rerun_skips_what_is_done(tmp_path, sound, tiny, run):
    command = ("protect", sound("in/a.wav"), sound("in/b.wav"), "-o", tmp_path / "out", "--against", tiny)
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
    code, _, err = run("protect", source, "-o", tmp_path / "no" / "such" / "b.wav", "--against", tiny)
    assert code == 2
    assert_one_line(err, "does not exist")
    (tmp_path / "file").write_text("")
    code, _, err = run("protect", source, "-o", tmp_path / "file" / "b.wav", "--against", tiny)
    assert code == 2
    assert_one_line(err, "file")
    code, _, err = run("protect", source, "-o", tmp_path / "b.xyz", "--against", tiny)
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
    code, _, err = run("protect", source, "-o", folder / "b.wav", "--against", tiny)
    assert code == 2
    assert_one_line(err, "No space left")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("--against", "nobody"), "nobody"),
        (("--attack", "magic"), "attack"),
        (("--snr", "nan"), "snr"),
        (("--seed", "-1"), "seed"),
        (("--target", "/no/such/file.wav"), "no such file"),
        (("--against", "recognizer", "--in-rooms"), "--text"),
        (("--text", "go"), "--against recognizer"),
        (("--steps", "5"), "--against recognizer"),
        (("--against", "recognizer", "--text", "door 4"), "4"),
        (("--against", "recognizer", "--text", "go", "--recognizer", "nobody"), "nobody"),
    ],
)
def test_a_wrong_setting_gets_one_line(tmp_path, sound, tiny, run, words, part):
    code, _, err = run("protect", sound(), "-o", tmp_path / "b.wav", "--against", tiny, *words)
    assert code == 2
    assert_one_line(err, part)
    assert not (tmp_path / "b.wav").exists()


def test_an_original_is_never_overwritten(tmp_path, sound, tiny, run):
    source, other = sound("in/a.wav"), sound("elsewhere/a.wav")
    before = source.read_bytes()
    for words in ((source, "-o", source), (source.parent, "-o", source.parent), (source, other, "-o", source.parent)):
        code, _, err = run("protect", *words, "--against", tiny)
        assert code == 2
        assert_one_line(err, "original")
    assert run("protect", source, other, "-o", tmp_path / "out", "--against", tiny)[0] == 2  # both to out/a.wav
    assert source.read_bytes() == before


def test_control_c_leaves_no_half_file(tmp_path, sound, tiny, run, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("sottovoce.protections.perturbing.make_attack", interrupted)
    folder = tmp_path / "out"
    folder.mkdir()
    assert run("protect", sound(), "-o", folder / "b.wav", "--against", tiny)[0] == 130
    assert list(folder.iterdir()) == []


def test_a_report_folder_gets_measurements_and_a_picture(tmp_path, sound, tiny, run):
    run("protect", sound(), "-o", tmp_path / "b.wav", "--against", tiny, "--report", tmp_path / "report")
    result = json.loads((tmp_path / "report" / "b.wav.json").read_text())
    assert result["snr"] >= 20
    (picture,) = (tmp_path / "report").glob("*.png")
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_help_is_quick_because_nothing_heavy_is_imported():
    code = "import sys, sottovoce.cli; print([m for m in ('torch', 'pandas', 'matplotlib') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
