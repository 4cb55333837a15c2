"""Resampling against closed forms: a sine is a sine at every rate."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sottovoce.audio.resampling import resample

RATES = (8_000, 11_025, 16_000, 22_050, 44_100, 48_000)


def tone(frequency, rate, seconds=1.0):
    return np.sin(2 * np.pi * frequency * np.arange(round(rate * seconds)) / rate + 0.3)


def inner(samples):
    """Away from the edges, where a filter sees the silence around the recording."""
    return samples[len(samples) // 10 : -(len(samples) // 10)]


@pytest.mark.parametrize("from_rate", RATES)
@pytest.mark.parametrize("to_rate", RATES)
def test_a_tone_keeps_its_phase_and_amplitude(from_rate, to_rate):
    resampled = resample(tone(1_000, from_rate), from_rate, to_rate)
    np.testing.assert_allclose(inner(resampled), inner(tone(1_000, to_rate)), atol=1e-6)


def test_a_tone_above_the_new_nyquist_frequency_is_gone():
    assert np.abs(inner(resample(tone(9_000, 48_000), 48_000, 16_000))).max() < 1e-6


def test_a_round_trip_gives_band_limited_samples_back():
    noise = np.random.default_rng(0).normal(size=8_000)
    limited = resample(noise, 8_000, 16_000)
    there_and_back = resample(resample(limited, 16_000, 44_100), 44_100, 16_000, length=len(limited))
    assert np.linalg.norm(inner(there_and_back - limited)) < 1e-5 * np.linalg.norm(inner(limited))


@given(frames=st.integers(0, 3_000), from_rate=st.integers(4_000, 96_000), to_rate=st.integers(4_000, 96_000))
def test_the_length_is_the_rounded_duration(frames, from_rate, to_rate):
    resampled = resample(np.ones((frames, 2), np.float32), from_rate, to_rate)
    assert resampled.shape == (math.floor(Fraction(frames * to_rate, from_rate) + Fraction(1, 2)), 2)
    assert resampled.dtype == np.float32


@given(frames=st.integers(1, 2_000), length=st.integers(0, 9_000))
@example(frames=2000, length=5513)  # 5512.5 frames
def test_a_given_length_is_met_at_the_end_of_the_samples(frames, length):
    samples = np.random.default_rng(frames).normal(size=frames)
    free = resample(samples, 16_000, 44_100)
    given_length = resample(samples, 16_000, 44_100, length=length)
    common = min(len(free), length)
    assert given_length.shape == (length,)
    np.testing.assert_array_equal(given_length[:common], free[:common])
    assert not given_length[common:].any()


def test_channels_do_not_touch_each_other():
    left, right = tone(440, 44_100), tone(1_250, 44_100)
    both = resample(np.stack([left, right], axis=1), 44_100, 16_000)
    np.testing.assert_array_equal(both[:, 0], resample(left, 44_100, 16_000))
    np.testing.assert_array_equal(both[:, 1], resample(right, 44_100, 16_000))
