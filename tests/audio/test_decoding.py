"""All the sound of a file: in blocks as at once, by libsndfile as by the program that wrote it, or an error."""

import os
import shutil
import sys

import numpy as np
import pytest
import soundfile

from sottovoce.audio import ffmpeg
from sottovoce.audio.decoding import open_sound
from sottovoce.audio.files import Recording, read, write
from sottovoce.errors import SottovoceError

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")

NOISE = np.random.default_rng(0).normal(scale=0.1, size=16_000)
FORMS = [
    *[("WAV", subtype) for subtype in ("PCM_16", "GSM610", "G721_32", "IMA_ADPCM", "MS_ADPCM", "NMS_ADPCM_16")],
    *[("WAV", "NMS_ADPCM_24"), ("WAV", "NMS_ADPCM_32"), ("W64", "GSM610"), ("AIFF", "GSM610")],
    *[("AU", "G721_32"), ("AU", "G723_24"), ("AU", "G723_40"), ("AIFF", "DWVW_16"), ("AIFF", "DWVW_24")],
    *[("CAF", "ALAC_16"), ("CAF", "ALAC_24"), ("SVX", "PCM_S8"), ("FLAC", "PCM_24"), ("OGG", "VORBIS")],
    *[("OGG", "OPUS"), ("MP3", "MPEG_LAYER_III")],
]


@pytest.mark.parametrize(("format", "subtype"), FORMS)
def test_what_cannot_be_seeked_is_read_whole(tmp_path, monkeypatch, format, subtype):
    monkeypatch.setenv("PATH", str(tmp_path))
    soundfile.write(tmp_path / "a", NOISE, 16_000, format=format, subtype=subtype)
    sound = open_sound(tmp_path / "a")
    assert (sound.format, sound.subtype, sound.channels) == (format, subtype, 1)
    assert 16_000 <= sound.frames < 16_400, "some codecs fill up their last block"
    whole = np.concatenate(list(sound.blocks()))
    if subtype != "OPUS":  # by far too lossy for noise
        assert np.corrcoef(whole[:16_000, 0], NOISE)[0, 1] > 0.4
    np.testing.assert_array_equal(np.concatenate(list(sound.blocks(1_000))), whole)
    assert sound.low == whole.min()
    assert sound.high == whole.max()


@pytest.mark.parametrize(
    ("format", "subtype"),
    [("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", "MPEG_LAYER_III")],
)
def test_recordings_joined_into_one_file_are_read_one_after_another(tmp_path, monkeypatch, format, subtype):
    monkeypatch.setenv("PATH", str(tmp_path))
    for name, samples in (("a", NOISE), ("b", NOISE[:9_000])):
        soundfile.write(tmp_path / name, samples, 16_000, format=format, subtype=subtype)
    (tmp_path / "c").write_bytes((tmp_path / "a").read_bytes() + (tmp_path / "b").read_bytes())
    joined = np.concatenate([read(tmp_path / "a").samples, read(tmp_path / "b").samples])
    np.testing.assert_array_equal(read(tmp_path / "c").samples, joined)


def test_without_ffmpeg_the_line_says_how_much_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    soundfile.write(tmp_path / "a.ogg", NOISE, 16_000)
    soundfile.write(tmp_path / "b.ogg", NOISE, 8_000)
    (tmp_path / "c.ogg").write_bytes((tmp_path / "a.ogg").read_bytes() + (tmp_path / "b.ogg").read_bytes())
    with pytest.raises(SottovoceError, match=r"c\.ogg: not all of it can be read \(1\.0 of 3\.0 s.*install it"):
        read(tmp_path / "c.ogg")


@needs_ffmpeg
def test_recordings_of_two_rates_are_read_by_ffmpeg(tmp_path):
    for name, rate in (("a", 44_100), ("b", 32_000)):
        soundfile.write(tmp_path / f"{name}.mp3", NOISE, rate)
    joined = (tmp_path / "a.mp3").read_bytes() + (tmp_path / "b.mp3").read_bytes()
    (tmp_path / "c.mp3").write_bytes(joined)
    assert read(tmp_path / "c.mp3").seconds >= 16_000 / 44_100 + 16_000 / 32_000
    for name, rate in (("a", 44_100), ("b", 32_000)):
        soundfile.write(tmp_path / f"{name}.wav", NOISE, rate)
    joined = (tmp_path / "a.wav").read_bytes() + (tmp_path / "b.wav").read_bytes()
    (tmp_path / "c.wav").write_bytes(joined)
    with pytest.raises(SottovoceError, match=r"not all of it can be read \(0\.4 of 0\.9 s"):  # nor does ffmpeg
        read(tmp_path / "c.wav")


@needs_ffmpeg
@pytest.mark.parametrize("suffix", [".mp2", ".mp3"])
def test_libsndfile_counts_as_many_samples_as_ffmpeg(tmp_path, suffix):
    soundfile.write(tmp_path / "a.wav", NOISE, 16_000)
    options = ["-write_xing", "0", "-id3v2_version", "0"] if suffix == ".mp3" else []
    ffmpeg.convert(tmp_path / "a.wav", tmp_path / f"a{suffix}", *options)
    (tmp_path / f"b{suffix}").write_bytes((tmp_path / f"a{suffix}").read_bytes() * 3)
    ffmpeg.convert(tmp_path / f"b{suffix}", tmp_path / "b.wav")
    assert read(tmp_path / f"b{suffix}").frames == pytest.approx(soundfile.info(tmp_path / "b.wav").frames, abs=1_152)


@needs_ffmpeg
def test_mp3_in_wav_is_measured_by_its_frames(tmp_path):
    soundfile.write(tmp_path / "a.wav", NOISE, 16_000)
    ffmpeg.convert(tmp_path / "a.wav", tmp_path / "b.wav", "-c:a", "libmp3lame")
    sound = open_sound(tmp_path / "b.wav")
    assert (sound.format, sound.subtype) == ("WAV", "MPEG_LAYER_III")
    ffmpeg.convert(tmp_path / "b.wav", tmp_path / "c.wav")
    assert sound.frames == pytest.approx(soundfile.info(tmp_path / "c.wav").frames, abs=1_152)
    assert sound.frames >= 16_000
    write(tmp_path / "d.wav", read(tmp_path / "b.wav"))
    np.testing.assert_allclose(read(tmp_path / "d.wav").samples, read(tmp_path / "b.wav").samples, atol=1e-7)


@needs_ffmpeg
@pytest.mark.parametrize(("subtype", "bits"), [("PCM_16", 16), ("PCM_24", 24)])
def test_the_subtype_of_what_ffmpeg_decodes_is_the_smallest_that_holds_it(tmp_path, subtype, bits):
    fine = np.round(NOISE[:, None] * 2 ** (bits - 1)) / 2 ** (bits - 1)
    write(tmp_path / "a.m4a", Recording(fine, 16_000, subtype=subtype))
    assert (open_sound(tmp_path / "a.m4a").format, open_sound(tmp_path / "a.m4a").subtype) == ("M4A", subtype)
    ffmpeg.convert(tmp_path / "a.m4a", tmp_path / "lossy.m4a", "-c:a", "aac")
    assert open_sound(tmp_path / "lossy.m4a").subtype == "FLOAT"


@needs_ffmpeg
def test_a_truncated_mp4_whose_index_comes_first_is_an_error(tmp_path):
    soundfile.write(tmp_path / "a.wav", NOISE, 16_000)
    ffmpeg.convert(tmp_path / "a.wav", tmp_path / "a.mp4", "-c:a", "aac", "-movflags", "faststart")
    whole = (tmp_path / "a.mp4").read_bytes()
    (tmp_path / "b.mp4").write_bytes(whole[: len(whole) * 2 // 3])
    assert read(tmp_path / "a.mp4").frames >= 16_000
    with pytest.raises(SottovoceError, match="ffmpeg reports"):
        read(tmp_path / "b.mp4")


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are Unicode there")
@pytest.mark.parametrize("suffix", [".wav", ".mp3", ".ogg", pytest.param(".m4a", marks=needs_ffmpeg)])
def test_names_may_be_any_bytes(tmp_path, suffix):
    path = tmp_path / os.fsdecode(b"m\xe4rz" + suffix.encode())
    write(path, Recording(NOISE[:, None], 16_000))
    assert read(path).frames == 16_000


def test_a_container_without_sound_or_with_several_tracks_is_refused(video):
    with pytest.raises(SottovoceError, match=r"^\S+mute\.mp4: holds no sound; choose"):
        open_sound(video("mute.mp4", tracks=0))
    with pytest.raises(SottovoceError, match=r"^\S+two\.mkv: holds 2 sound tracks, of which none may be passed over"):
        open_sound(video("two.mkv", tracks=2))
