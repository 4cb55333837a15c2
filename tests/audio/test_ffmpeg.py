"""Conversion with ffmpeg, and the message if it is not installed."""

import shutil

import numpy as np
import pytest
import soundfile

from sottovoce.audio import ffmpeg
from sottovoce.audio.files import Recording, check_target, read, write
from sottovoce.errors import SottovoceError

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")


@pytest.fixture
def recording():
    samples = np.round(np.random.default_rng(0).normal(scale=3_000, size=(22_051, 2))) / 2**15
    return Recording(samples, 44_100, text={"title": "Interview"})


def test_without_ffmpeg_one_line_says_so(tmp_path, recording, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SottovoceError, match=r"ffmpeg, .*, is not installed"):
        ffmpeg.convert(tmp_path / "a.m4a", tmp_path / "a.wav")
    (tmp_path / "a.m4a").write_bytes(b"\0\0\0\x20ftypM4A " + bytes(100))
    for problem in (lambda: read(tmp_path / "a.m4a"), lambda: check_target(tmp_path / "b.m4a", recording)):
        with pytest.raises(SottovoceError, match=r"^\S+\.m4a: .*ffmpeg, .*, is not installed") as caught:
            problem()
        assert "\n" not in str(caught.value)


@needs_ffmpeg
@pytest.mark.parametrize(("subtype", "bits"), [("PCM_16", 16), ("PCM_24", 24), ("FLOAT", 24)])
def test_m4a_is_written_without_loss(tmp_path, recording, subtype, bits):
    fine = np.round(recording.samples * 0.9 * 2 ** (bits - 1)) / 2 ** (bits - 1)
    write(tmp_path / "a.m4a", Recording(fine, 44_100, subtype=subtype, text=recording.text))
    back = read(tmp_path / "a.m4a")
    np.testing.assert_array_equal(back.samples, fine)
    assert (back.rate, back.format, back.text["title"]) == (44_100, "M4A", "Interview")


@needs_ffmpeg
@pytest.mark.parametrize("suffix", [".m4a", ".wma", ".webm", ".mka"])
def test_a_container_that_only_ffmpeg_knows_is_read(tmp_path, recording, suffix):
    write(tmp_path / "a.wav", recording)
    coarse = [] if suffix != ".webm" else ["-ar", "48000"]
    ffmpeg.convert(tmp_path / "a.wav", tmp_path / f"a{suffix}", *coarse)
    back = read(tmp_path / f"a{suffix}")
    assert back.seconds == pytest.approx(recording.seconds, abs=0.1)
    assert back.channels == 2
    whole = (tmp_path / f"a{suffix}").read_bytes()
    (tmp_path / f"cut{suffix}").write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(SottovoceError, match="ffmpeg reports"):
        read(tmp_path / f"cut{suffix}")


@needs_ffmpeg
def test_an_mp3_that_does_not_state_its_length_is_read_whole(tmp_path, recording):
    rising = recording.samples * np.linspace(0.01, 1, len(recording.samples))[:, None]
    write(tmp_path / "a.mp3", Recording(rising, 44_100))
    mp3 = (tmp_path / "a.mp3").read_bytes()
    (tmp_path / "b.mp3").write_bytes(mp3[mp3.index(mp3[:2], 2) :])
    assert soundfile.info(tmp_path / "b.mp3").frames < len(rising)  # libsndfile's guess
    back = read(tmp_path / "b.mp3")
    assert back.frames >= len(rising)
    write(tmp_path / "c.mp3", back)
    assert read(tmp_path / "c.mp3").frames == back.frames


@needs_ffmpeg
def test_a_flac_that_was_written_into_a_pipe_is_read_whole(tmp_path, recording):
    write(tmp_path / "a.flac", recording)
    flac = bytearray((tmp_path / "a.flac").read_bytes())
    flac[21] &= 0xF0  # the 36 bits of the total number of samples
    flac[22:26] = bytes(4)
    (tmp_path / "a.flac").write_bytes(flac)
    back = read(tmp_path / "a.flac")
    np.testing.assert_array_equal(back.samples, recording.samples)
    assert (back.format, back.subtype) == ("FLAC", "PCM_16")


@needs_ffmpeg
def test_text_and_pictures_stay_no_audio(tmp_path):
    for name, content in [("a.wav", b"no audio\n" * 50), ("b.wav", b"\x89PNG\r\n\x1a\n" + bytes(100))]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(SottovoceError, match="not audio") as caught:
            read(tmp_path / name)
        assert "\n" not in str(caught.value)
