"""Recordings to protect are read, resampled and checked before any work is done."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sottovoce.audio.files import Recording
from sottovoce.audio.sources import check_apart, check_sound, open_source
from sottovoce.errors import SottovoceError


def tone(frequency, rate, seconds=1.0):
    return 0.3 * np.sin(2 * np.pi * frequency * np.arange(round(rate * seconds)) / rate)


@pytest.fixture
def stereo(tmp_path):
    path = tmp_path / "stereo.wav"
    soundfile.write(path, np.stack([tone(440, 44_100), tone(1_250, 44_100)], axis=1), 44_100, "PCM_24")
    return path


def test_the_source_comes_with_its_own_samples_digest_and_mode(stereo, tmp_path):
    stereo.chmod(0o640)
    source = open_source(stereo, tmp_path / "target.flac")
    assert (source.path, source.sound.rate, source.sound.subtype) == (stereo, 44_100, "PCM_24")
    np.testing.assert_array_equal(np.concatenate(list(source.sound.blocks(1000))), soundfile.read(stereo)[0])
    assert source.sha256 == hashlib.sha256(stereo.read_bytes()).hexdigest() and source.mode == 0o640
    assert not (tmp_path / "target.flac").exists()


def test_fifty_milliseconds_are_too_short_and_a_sample_more_is_not():
    loud = tone(300, 16_000, 801 / 16_000)[:, None]
    with pytest.raises(SottovoceError, match=r"^a\.wav: 50 ms are too short to protect"):
        check_sound(Recording(loud[:800], 16_000), Path("a.wav"))
    check_sound(Recording(loud, 16_000), Path("a.wav"))


def test_silence_is_refused_but_not_in_one_channel_alone():
    samples = np.zeros((16_000, 2))
    with pytest.raises(SottovoceError, match=r"^a\.wav: all samples are zero"):
        check_sound(Recording(samples, 16_000), Path("a.wav"))
    samples[:, 1] = tone(440, 16_000)
    check_sound(Recording(samples, 16_000), Path("a.wav"))


@pytest.mark.parametrize("link", [os.link, os.symlink])
def test_a_link_to_the_source_is_no_target(stereo, tmp_path, link):
    link(stereo, tmp_path / "link.wav")
    before = stereo.read_bytes()
    for target in (stereo, tmp_path / "link.wav", tmp_path / "." / "stereo.wav"):
        with pytest.raises(SottovoceError, match="original file itself"):
            open_source(stereo, target)
    assert stereo.read_bytes() == before


def test_equal_files_and_missing_ones_are_apart(stereo, tmp_path):
    (tmp_path / "copy.wav").write_bytes(stereo.read_bytes())
    check_apart(stereo, tmp_path / "copy.wav")
    check_apart(stereo, tmp_path / "none.wav")
    check_apart(tmp_path / "none.wav", tmp_path / "none.wav")


@pytest.mark.parametrize(
    ("source", "target", "complaint"),
    [
        ("none.wav", "b.wav", r"none\.wav: no such file"),
        (".", "b.wav", "this is a folder"),
        ("stereo.wav", "none/b.wav", "does not exist"),
        ("stereo.wav", "b.xyz", r"'\.xyz'"),
        ("stereo.wav", "b.opus", "44100 Hz"),
    ],
)
def test_what_cannot_be_read_or_written_is_an_error_at_once(stereo, tmp_path, source, target, complaint):
    with pytest.raises(SottovoceError, match=complaint):
        open_source(tmp_path / source, tmp_path / target)
    assert list(tmp_path.iterdir()) == [stereo]


def test_a_constant_offset_is_no_sound():
    with pytest.raises(SottovoceError, match="all samples are the same"):
        check_sound(Recording(np.full((16_000, 1), 0.3), 16_000), Path("a.wav"))
