"""Enhanced files and folders."""

import os

import pytest
import soundfile


def test_a_folder_is_enhanced_and_a_bad_file_in_it_is_named(run, tiny, sound, tmp_path):
    for name in ("noisy/a.wav", "noisy/b.wav"):
        sound(name)
    (tmp_path / "noisy" / "b.wav").write_bytes(b"no sound")
    code, out, err = run("enhance", tmp_path / "noisy", "-o", tmp_path / "clean", "--with", tiny)
    assert code == 1 and out.strip().endswith("a.wav: enhanced") and "1 of 2 files enhanced; 1 failed" in err
    assert [path.name for path in (tmp_path / "clean").iterdir()] == ["a.wav"]


def test_a_file_of_others_is_replaced_only_on_request(run, tiny, sound, tmp_path):
    source, target = sound("noisy.wav"), sound("precious.wav", seconds=0.3)
    before = target.read_bytes()
    code, _, err = run("enhance", source, "-o", target, "--with", tiny)
    assert code == 2 and "did not write" in err and "--overwrite" in err and err.count("\n") == 1
    assert target.read_bytes() == before
    assert run("enhance", source, "-o", target, "--with", tiny, "--overwrite")[0] == 0
    assert soundfile.info(target).frames == 16_000
    assert run("enhance", source, "-o", target, "--with", tiny)[0] == 0  # now it is its own


def test_a_name_of_any_bytes_is_enhanced(run, tiny, sound, tmp_path):
    name = os.fsdecode(b"m\xe4rz\n[x].wav")
    try:
        os.rename(sound("in/a.wav"), tmp_path / "in" / name)
    except OSError:
        pytest.skip("this file system takes only Unicode")
    code, out, _ = run("enhance", tmp_path / "in", "-o", tmp_path / "out", "--with", tiny)
    assert code == 0 and out.count("\n") == 1 and "m?rz?[x].wav: enhanced" in out
    assert os.listdir(os.fsencode(tmp_path / "out")) == [os.fsencode(name)]


def test_a_name_that_is_too_long_is_found_out_before_the_work(run, tiny, sound, tmp_path):
    code, _, err = run("enhance", sound("a.wav"), "-o", tmp_path / ("a" * 300 + ".wav"), "--with", tiny)
    assert code == 2 and "too long" in err and err.count("\n") == 1


def test_every_sound_file_of_a_folder_is_enhanced_or_named_without_ffmpeg(run, tiny, sound, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    written = ["a.wav", "b.au", "c.caf", "d.aifc", "e.oga", "link/f.wav", "gsm.wav"]
    for name, form in (
        ("in/a.wav", {}),
        ("in/b.au", {}),
        ("in/c.caf", {}),
        ("in/d.aifc", {"format": "AIFF"}),
        ("in/e.oga", {"format": "OGG", "subtype": "VORBIS"}),
        ("in/gsm.wav", {"subtype": "GSM610", "rate": 8_000}),
        ("elsewhere/f.wav", {}),
    ):
        sound(name, seconds=0.2, **form)
    folder = tmp_path / "in"
    try:
        (folder / "link").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    except OSError:
        written.remove("link/f.wav")
    (folder / "._a.wav").write_bytes(b"\0\5\x16\7" + bytes(60))  # what macOS leaves beside a.wav
    (folder / "rec.wmv").write_bytes(b"\x1aE\xdf\xa3")
    (folder / "bad.wav").write_bytes(b"no sound")
    code, out, err = run("enhance", folder, "-o", tmp_path / "out", "--with", tiny)
    assert code == 1
    assert sorted(line.split(" → ")[0] for line in out.splitlines()) == sorted(str(folder / name) for name in written)
    first, second, *rest = err.splitlines()
    assert "rec.wmv: not enhanced: no format is written under .wmv" in first and "bad.wav: not audio" in second
    assert rest == [
        f"sottovoce: {len(written)} of {len(written) + 2} files enhanced; 2 failed:",
        first,
        second,
        "sottovoce: 1 hidden file passed over",
    ]
    for name in written:
        assert soundfile.info(tmp_path / "out" / name).frames == soundfile.info(folder / name).frames


def test_what_only_ffmpeg_reads_asks_for_it(run, tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "rec.webm").write_bytes(b"\x1aE\xdf\xa3")
    code, out, err = run("enhance", tmp_path / "rec.webm", "-o", tmp_path / "x.wav", "--with", tiny)
    assert (code, out) == (2, "") and "ffmpeg" in err and "install it" in err and err.count("\n") == 1
