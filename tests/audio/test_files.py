"""Round trips to the sample, checked with Python's wave module and libsndfile, and one line for each bad file."""

import errno
import io
import os
import struct
import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from sottovoce.audio.files import Recording, as_mono_16k, check_target, read, write
from sottovoce.errors import SottovoceError

LOSSLESS = [
    *[("WAV", subtype, ".wav") for subtype in ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")],
    *[("AIFF", subtype, ".aiff") for subtype in ("PCM_S8", "PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")],
    *[("FLAC", subtype, ".flac") for subtype in ("PCM_S8", "PCM_16", "PCM_24")],
    *[("CAF", subtype, ".caf") for subtype in ("PCM_16", "PCM_24", "FLOAT")],
    *[("WAV", "ULAW", ".wav"), ("WAV", "ALAW", ".wav"), ("WAVEX", "PCM_24", ".wav"), ("RF64", "PCM_16", ".rf64")],
    *[("W64", "PCM_32", ".w64"), ("AU", "PCM_16", ".au"), ("NIST", "PCM_16", ".wav")],
]
LOSSY = [
    ("OGG", "VORBIS", ".ogg"),
    ("OGG", "OPUS", ".opus"),
    ("OGG", "OPUS", ".ogg"),
    ("MP3", "MPEG_LAYER_III", ".mp3"),
]


def noise(frames, channels=1, scale=0.3, seed=0):
    return np.random.default_rng(seed).normal(scale=scale, size=(frames, channels))


def assert_same_form(one, other):
    for name in ("rate", "format", "subtype", "endian", "channels", "frames", "text"):
        assert getattr(one, name) == getattr(other, name), name


@pytest.mark.parametrize(("format", "subtype", "suffix"), LOSSLESS)
def test_a_lossless_file_comes_back_to_the_sample(tmp_path, format, subtype, suffix):
    loud = noise(1_001, 2, scale=0.7).clip(-1, 0.99)
    soundfile.write(tmp_path / f"a{suffix}", loud, 22_050, format=format, subtype=subtype)
    first = read(tmp_path / f"a{suffix}")
    assert (first.format, first.subtype, first.rate) == (format, subtype, 22_050)
    np.testing.assert_allclose(first.samples, loud, atol=0.03)
    assert first.seconds == 1_001 / 22_050
    write(tmp_path / f"b{suffix}", first)
    second = read(tmp_path / f"b{suffix}")
    np.testing.assert_array_equal(second.samples, first.samples)
    assert_same_form(first, second)


@pytest.mark.parametrize(("format", "subtype", "suffix"), LOSSY)
@settings(max_examples=5)
@given(frames=st.integers(1, 30_000), rate=st.sampled_from([8_000, 16_000, 48_000]), channels=st.integers(1, 2))
def test_a_lossy_file_keeps_its_length_and_form(tmp_path_factory, format, subtype, suffix, frames, rate, channels):
    folder = tmp_path_factory.mktemp("lossy")
    write(folder / f"a{suffix}", Recording(noise(frames, channels), rate, format, subtype))
    first = read(folder / f"a{suffix}")
    assert (first.format, first.subtype, first.rate) == (format, subtype, rate)
    assert first.samples.shape == (frames, channels)
    write(folder / f"b{suffix}", first)
    assert_same_form(first, replace(read(folder / f"b{suffix}"), text=first.text))


@pytest.mark.parametrize("rate", [11_025, 22_050, 44_100])
@pytest.mark.parametrize(("format", "subtype", "suffix"), [LOSSY[0], LOSSY[3]])
def test_vorbis_and_mp3_keep_the_rates_of_compact_discs(tmp_path, format, subtype, suffix, rate):
    write(tmp_path / f"a{suffix}", Recording(noise(rate), rate, format, subtype))
    assert (read(tmp_path / f"a{suffix}").rate, read(tmp_path / f"a{suffix}").frames) == (rate, rate)


@pytest.mark.parametrize(("format", "subtype", "suffix"), LOSSY)
def test_a_quiet_change_outlives_a_lossy_format(tmp_path, format, subtype, suffix):
    time = np.arange(32_000) / 16_000
    voice = 0.3 * np.sin(2 * np.pi * 220 * time) + 0.1 * np.sin(2 * np.pi * 1_500 * time)
    write(tmp_path / f"a{suffix}", Recording((voice + 0.01 * noise(32_000)[:, 0])[:, None], 16_000, format, subtype))
    change = read(tmp_path / f"a{suffix}").samples[:, 0] - voice
    assert np.corrcoef(change, noise(32_000)[:, 0])[0, 1] > 0.6


@settings(max_examples=30)
@given(
    values=st.lists(st.integers(-(2**15), 2**15 - 1), min_size=2, max_size=300).filter(lambda v: len(v) % 2 == 0),
    rate=st.integers(1, 400_000),
)
def test_sixteen_bits_are_the_integers_that_pythons_wave_reads(tmp_path_factory, values, rate):
    path = tmp_path_factory.mktemp("wave") / "a.wav"
    write(path, Recording(np.array(values).reshape(-1, 2) / 2**15, rate))
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getnframes()) == (rate, 2, len(values) // 2)
        assert list(struct.unpack(f"<{len(values)}h", file.readframes(len(values)))) == values


def test_all_eight_bit_values_are_the_bytes_that_pythons_wave_reads(tmp_path):
    write(tmp_path / "a.wav", Recording((np.arange(256) - 128)[:, None] / 128, 8_000, subtype="PCM_U8"))
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert file.readframes(256) == bytes(range(256))


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "ULAW", "ALAW"])
def test_integer_formats_clip_and_do_not_wrap(tmp_path, subtype):
    write(tmp_path / "a.wav", Recording(np.array([[1.0], [1.7], [-1.0], [-1.7], [300.0]]), 8_000, subtype=subtype))
    np.testing.assert_allclose(read(tmp_path / "a.wav").samples[:, 0], [1, 1, -1, -1, 1], atol=0.02)


@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE"])
def test_float_formats_keep_values_beyond_full_scale(tmp_path, subtype):
    loud = np.array([[1.5], [-3.75]])
    write(tmp_path / "a.wav", Recording(loud, 8_000, subtype=subtype))
    np.testing.assert_array_equal(read(tmp_path / "a.wav").samples, loud)


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_rounding_adds_no_offset(tmp_path, suffix):
    quiet = noise(50_000, scale=1e-3)
    write(tmp_path / f"a{suffix}", Recording(quiet, 16_000))
    error = (read(tmp_path / f"a{suffix}").samples - quiet) * 2**15
    assert np.abs(error).max() <= 0.5
    assert abs(error.mean()) < 0.01


@pytest.mark.parametrize(("format", "suffix"), [("WAV", ".wav"), ("AIFF", ".aiff")])
@pytest.mark.parametrize("endian", ["LITTLE", "BIG"])
def test_the_byte_order_stays(tmp_path, format, suffix, endian):
    soundfile.write(tmp_path / f"a{suffix}", noise(100), 8_000, "PCM_16", endian, format)
    write(tmp_path / f"b{suffix}", read(tmp_path / f"a{suffix}"))
    assert (tmp_path / f"b{suffix}").read_bytes() == (tmp_path / f"a{suffix}").read_bytes()


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3", ".aiff", ".au"])
def test_the_text_stays_where_the_format_has_a_place_for_it(tmp_path, suffix):
    text = {"title": "Élise", "artist": "B.", "comment": "taken on Monday"}
    write(tmp_path / f"a{suffix}", Recording(noise(20_000), 16_000, text=text))
    kept = read(tmp_path / f"a{suffix}").text
    assert {name: kept.get(name) for name in text} == (text if suffix != ".au" else dict.fromkeys(text))


def test_a_file_that_was_written_into_a_pipe_is_read_whole(tmp_path):
    write(tmp_path / "a.wav", Recording(noise(1_000), 16_000))
    content = bytearray((tmp_path / "a.wav").read_bytes())
    content[4:8] = content[40:44] = b"\xff\xff\xff\xff"
    (tmp_path / "a.wav").write_bytes(content)
    assert read(tmp_path / "a.wav").frames == 1_000


def test_models_hear_the_mean_of_the_channels_at_16_khz():
    time = np.arange(44_100) / 44_100
    tone = np.sin(2 * np.pi * 500 * time)
    heard = as_mono_16k(Recording(np.stack([tone, np.zeros_like(tone)], axis=1), 44_100))
    assert heard.dtype == np.float32
    assert heard.shape == (16_000,)
    expected = 0.5 * np.sin(2 * np.pi * 500 * np.arange(16_000) / 16_000)
    np.testing.assert_allclose(heard[1_000:-1_000], expected[1_000:-1_000], atol=1e-6)


def test_samples_have_two_dimensions():
    with pytest.raises(ValueError, match="frames, channels"):
        Recording(np.zeros(10), 16_000)


# ---- bad input


def wav(data=b"\1\0" * 100, rate=8_000, channels=1, bits=16, promised=None):
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * channels * bits // 8, channels * bits // 8, bits)
    size = len(data) if promised is None else promised
    return (
        struct.pack("<4sI4s4sI", b"RIFF", 36 + size, b"WAVE", b"fmt ", 16)
        + form
        + struct.pack("<4sI", b"data", size)
        + data
    )


def encoded(format, subtype, samples=None, keep=1.0):
    file = io.BytesIO()
    soundfile.write(file, noise(30_000) if samples is None else samples, 16_000, format=format, subtype=subtype)
    return file.getvalue()[: int(len(file.getvalue()) * keep)]


BAD = {
    "empty.wav": (b"", "empty"),
    "text.wav": (b"This is a letter, not a recording.\n" * 40, "not audio"),
    "text.mp3": (b"This is a letter, not a recording.\n" * 40, "not audio"),
    "picture.wav": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "not audio"),
    "three bytes.wav": (b"RIF", "not audio"),
    "header cut.wav": (wav()[:30], "header is wrong"),
    "no samples.wav": (wav(b""), "no samples"),
    "no samples.ogg": (encoded("OGG", "VORBIS", np.zeros(0)), "no samples"),
    "rate 0.wav": (wav(rate=0), "header is wrong"),
    "channels 0.wav": (wav(channels=0), "header is wrong"),
    "bits 0.wav": (wav(bits=0), "header is wrong"),
    "cut.wav": (wav(promised=400), "truncated"),
    "one byte less.wav": (wav()[:-1], "truncated"),
    "cut.aiff": (encoded("AIFF", "PCM_16", keep=0.6), "truncated"),
    "cut.flac": (encoded("FLAC", "PCM_16", keep=0.6), "truncated"),
    "cut.mp3": (encoded("MP3", "MPEG_LAYER_III", keep=0.6), "truncated"),
    "cut.ogg": (encoded("OGG", "VORBIS", keep=0.6), "truncated"),
    "cut.opus": (encoded("OGG", "OPUS", keep=0.6), "truncated"),
    "nan.wav": (encoded("WAV", "FLOAT", np.array([0.0, np.nan])), "NaN or infinite"),
    "inf.wav": (encoded("WAV", "DOUBLE", np.array([0.0, -np.inf])), "NaN or infinite"),
    "headerless.raw": (bytes(100), "neither its rate nor its channels"),
}


def the_line(path, call):
    """The one line of a `SottovoceError` that names the file."""
    with pytest.raises(SottovoceError) as caught:
        call()
    line = str(caught.value)
    assert line.startswith(f"{path}: ")
    assert ";" in line, "what to do comes after a semicolon"
    assert "\n" not in line
    return line


@pytest.mark.parametrize("name", BAD)
def test_one_line_for_a_bad_file(tmp_path, monkeypatch, name):
    monkeypatch.setenv("PATH", str(tmp_path))  # the same line with and without ffmpeg
    content, expected = BAD[name]
    path = tmp_path / name
    path.write_bytes(content)
    assert expected in the_line(path, lambda: read(path))


def test_one_line_for_a_file_that_cannot_be_opened(tmp_path, monkeypatch):
    assert "no such file" in the_line(tmp_path / "a.wav", lambda: read(tmp_path / "a.wav"))
    assert "folder" in the_line(tmp_path, lambda: read(tmp_path))

    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "open", refuse)  # not by its mode, which does not stop an administrator
    assert "permission" in the_line(tmp_path / "b.wav", lambda: read(tmp_path / "b.wav"))


UNWRITABLE = {
    "a.txt": (Recording(noise(100), 16_000), "suffix '.txt'"),
    "a": (Recording(noise(100), 16_000), "suffix ''"),
    "a.raw": (Recording(noise(100), 16_000), "suffix '.raw'"),
    "a.opus": (Recording(noise(100), 44_100), "44100 Hz"),
    "a.mp3": (Recording(noise(100), 96_000), "96000 Hz"),
    "b.mp3": (Recording(noise(100, channels=3), 16_000), "3 channels"),
    "a.flac": (Recording(noise(100, channels=9), 16_000), "9 channels"),
    "a.voc": (Recording(noise(100), 22_050, subtype="PCM_U8"), "22050 Hz"),
    "missing/a.wav": (Recording(noise(100), 16_000), "does not exist"),
}


@pytest.mark.parametrize("action", [write, check_target])
@pytest.mark.parametrize("name", UNWRITABLE)
def test_one_line_for_a_target_that_cannot_be(tmp_path, action, name):
    recording, expected = UNWRITABLE[name]
    assert expected in the_line(tmp_path / name, lambda: action(tmp_path / name, recording))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("action", [write, check_target])
def test_one_line_for_a_folder_as_target_and_for_a_closed_one(tmp_path, monkeypatch, action):
    recording = Recording(noise(100), 16_000)
    (tmp_path / "folder.wav").mkdir()
    assert "folder" in the_line(tmp_path / "folder.wav", lambda: action(tmp_path / "folder.wav", recording))
    monkeypatch.setattr(os, "access", lambda *_: False)  # an administrator may write everywhere
    assert "not writable" in the_line(tmp_path / "a.wav", lambda: action(tmp_path / "a.wav", recording))


def test_a_good_target_is_left_alone_by_the_check(tmp_path):
    check_target(tmp_path / "a.flac", Recording(noise(100), 16_000))
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path):
    resource = pytest.importorskip("resource")
    path = tmp_path / "a.wav"
    path.write_bytes(b"what was here before")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, before[1]))  # as good as a full disk: the system cuts the write
    try:
        line = the_line(path, lambda: write(path, Recording(noise(10_000), 16_000)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "cannot be written" in line
    assert path.read_bytes() == b"what was here before"
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupted_write_leaves_nothing(tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "a.wav", Recording(noise(100), 16_000))
    assert list(tmp_path.iterdir()) == []


def test_a_written_file_has_the_permissions_of_any_new_file(tmp_path):
    write(tmp_path / "a.wav", Recording(noise(100), 16_000))
    (tmp_path / "b").touch()
    assert (tmp_path / "a.wav").stat().st_mode == (tmp_path / "b").stat().st_mode


@pytest.mark.shared_data
def test_real_recordings_come_back_to_the_sample(tmp_path, shared_data):
    paths = sorted(path for path in shared_data.rglob("*") if path.suffix in {".wav", ".flac"})[::100]
    assert paths
    for path in paths:
        recording = read(path)
        write(tmp_path / path.name, recording)
        back = read(tmp_path / path.name)
        np.testing.assert_array_equal(back.samples, recording.samples)
        assert_same_form(recording, replace(back, text=recording.text))


# ---- samples far beyond full scale


@pytest.mark.parametrize(
    ("scale", "advice"),
    [
        (4.5, "lower the level by 13 dB"),
        (11_924, "16-bit values in a float file? divide by 32768"),
        (8e6, "24-bit values in a float file? divide by 8388608"),
        (2e9, "32-bit values"),
        (2.0**40, "export it again"),
    ],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_integers_in_a_float_file_are_refused_with_advice(tmp_path, scale, advice, sign):
    soundfile.write(tmp_path / "a.wav", sign * scale * np.linspace(-0.1, 1, 500), 16_000, subtype="FLOAT")
    line = the_line(tmp_path / "a.wav", lambda: read(tmp_path / "a.wav"))
    assert f"samples reach {scale:.0f} times full scale" in line
    assert advice in line


def test_up_to_twelve_decibels_over_full_scale_are_read(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.array([0.0, 4.0, -4.0]), 16_000, subtype="FLOAT")
    assert read(tmp_path / "a.wav").samples.max() == 4.0


# ---- 8-bit AIFF


@pytest.mark.parametrize("subtype", ["PCM_S8", "PCM_U8", "ULAW"])
@pytest.mark.parametrize(("frames", "channels"), [(999, 1), (1_000, 1), (999, 2)])
def test_aiff_of_8_bits_has_any_number_of_frames(tmp_path, subtype, frames, channels):
    recording = Recording(noise(frames, channels), 16_000, "AIFF", subtype)
    check_target(tmp_path / "a.aiff", recording)
    write(tmp_path / "a.aiff", recording)
    assert read(tmp_path / "a.aiff").samples.shape == (frames, channels)
