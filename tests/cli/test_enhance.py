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
