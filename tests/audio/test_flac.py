"""The number of samples of FLAC files by their last frame, against what the encoder states."""

import io

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from sottovoce.audio import flac
from sottovoce.audio.flac import parts, samples_until
from sottovoce.audio.parts import TruncatedError, View


def encoded(frames, subtype="PCM_16", rate=16_000, channels=1):
    file = io.BytesIO()
    noise = np.random.default_rng(0).normal(scale=0.1, size=(frames, channels))
    soundfile.write(file, noise, rate, format="FLAC", subtype=subtype)
    return file.getvalue()


def with_total(flac, total):
    """36 bits, of which four share a byte with the bit depth."""
    number = (flac[21] & 0xF0) << 32 | total
    return flac[:21] + number.to_bytes(5, "big") + flac[26:]


def decoded(content):
    file = io.BytesIO(content)
    return np.concatenate([soundfile.read(View(file, part))[0] for part in parts(file, 0, len(content))])


@settings(max_examples=40)
@given(
    frames=st.integers(1, 600_000) | st.sampled_from([4_095, 4_096, 4_097]),
    subtype=st.sampled_from(["PCM_S8", "PCM_16", "PCM_24"]),
    rate=st.sampled_from([8_000, 12_345, 44_100, 96_000]),
    channels=st.integers(1, 2),
)
def test_the_last_frame_tells_the_number_of_samples(frames, subtype, rate, channels):
    flac = encoded(frames, subtype, rate, channels)
    assert samples_until(flac, int.from_bytes(flac[8:10], "big")) == frames


@settings(max_examples=20)
@given(stated=st.integers(0, 29_999))
def test_whatever_smaller_number_is_stated_all_is_read(stated):
    flac = encoded(30_000)
    np.testing.assert_array_equal(decoded(with_total(flac, stated)), decoded(flac))


@pytest.mark.parametrize("stated", [30_001, 2**36 - 1])
def test_a_larger_number_means_a_truncated_file(stated):
    content = with_total(encoded(30_000), stated)
    with pytest.raises(TruncatedError):
        parts(io.BytesIO(content), 0, len(content))


def test_joined_files_are_parts():
    one, other = encoded(30_000), encoded(5_000)
    found = parts(io.BytesIO(one + other + one), 0, 2 * len(one) + len(other))
    assert [(part.start, part.stop) for part in found] == [
        (0, len(one)),
        (len(one), len(one + other)),
        (len(one + other), len(one + other + one)),
    ]


@given(st.binary(max_size=100))
def test_no_bytes_are_an_error(anything):
    samples_until(b"\xff\xf8" + anything, 4_096)
    samples_until(anything + b"\xff\xf9\x69\x08\x00\x00", 4_096)


def test_what_looks_like_frames_without_end_takes_no_time(monkeypatch):
    checked, check = [], flac._crc
    monkeypatch.setattr(flac, "_crc", lambda content, *kind: checked.append(len(content)) or check(content, *kind))
    header = b"\xff\xf8\xc9\x18\x00"
    header += bytes([check(header, 0x07, 8)])
    assert samples_until(header * 40_000, 4096) is None
    assert sum(checked) < 100_000
