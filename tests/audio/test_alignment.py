"""Foreign copies: known lags and lengths are found exactly, other recordings are refused."""

import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from sottovoce.audio.alignment import LEAST_CORRELATION, Alignment, align
from sottovoce.audio.files import Recording
from sottovoce.audio.resampling import resample
from sottovoce.errors import SottovoceError

RATE = 8000


def limited(frames: int, channels: int = 1, seed: int = 0, rate: int = RATE) -> np.ndarray:
    """Noise below 30 % of the rate, so that all other rates hold it, louder in places as speech is."""
    noise = np.random.default_rng(seed).normal(size=(frames, channels))
    spectrum = np.fft.rfft(noise, axis=0)
    spectrum[np.fft.rfftfreq(frames) > 0.3] = 0
    return 0.1 * np.fft.irfft(spectrum, frames, axis=0) * (1 + np.sin(np.arange(frames) / 700))[:, None]


def moved(samples: np.ndarray, lag: int, frames: int) -> np.ndarray:
    """Later by `lag` samples (zeros come first, or as many samples are lost), of another length."""
    later = np.concatenate([np.zeros((max(0, lag), samples.shape[1])), samples[max(0, -lag) :]])[:frames]
    return np.concatenate([later, np.zeros((frames - len(later), samples.shape[1]))])


def si_sdr(reference: np.ndarray, estimate: np.ndarray) -> float:
    target = (estimate * reference).sum() / np.square(reference).sum() * reference
    return float(10 * np.log10(np.square(target).sum() / np.square(estimate - target).sum()))


@settings(max_examples=30)
@given(
    frames=st.integers(15_000, 30_000),
    channels=st.integers(1, 2),
    lag=st.integers(-RATE, RATE),
    longer=st.integers(-3000, 3000),
    seed=st.integers(0, 9),
)
def test_known_lags_and_lengths_are_found_exactly(frames, channels, lag, longer, seed):
    original = limited(frames, channels, seed)
    change = 0.003 * np.random.default_rng(seed + 1).normal(size=original.shape)
    copy = moved(original + change, lag, frames + longer)
    samples, done = align(Recording(original, RATE), Recording(copy, RATE))
    assert (done.lag, done.from_frames, done.to_frames) == (lag, frames + longer, frames)
    first, last = max(0, -lag), min(frames, frames + longer - lag)
    np.testing.assert_array_equal(samples[first:last], (original + change)[first:last])
    assert samples.shape == original.shape and not samples[:first].any() and not samples[last:].any()


@settings(max_examples=20)
@given(
    rate=st.sampled_from([11_025, 16_000, 22_050, 44_100, 48_000]), lag=st.integers(-400, 900), seed=st.integers(0, 9)
)
def test_resampled_copies_match_a_band_limited_original(rate, lag, seed):
    original = limited(20_000, seed=seed)
    copy = resample(moved(original, lag, 20_000 + lag), RATE, rate)
    samples, done = align(Recording(original, RATE), Recording(copy, rate))
    assert done.lag == lag and abs(done.from_frames - (20_000 + lag)) <= 1
    inner = slice(max(0, -lag) + 200, -200)
    assert si_sdr(original[inner], samples[inner]) > 50


@pytest.mark.parametrize("rate", [11_025, 16_000, 22_050, 48_000])
@pytest.mark.parametrize("cut", [1, 37, 500])
def test_a_copy_that_was_cut_at_its_own_rate_is_late_by_a_fraction(rate, cut):
    original = limited(20_000)
    samples, done = align(Recording(original, RATE), Recording(resample(original, RATE, rate)[cut:], rate))
    assert done.lag == pytest.approx(-cut * RATE / rate, abs=1 / 64)
    assert si_sdr(original[1000:-200], samples[1000:-200]) > 30


def test_a_copy_at_a_lower_rate_keeps_what_it_holds():
    original = scipy.signal.resample(limited(20_000), 110_250)
    samples, done = align(Recording(original, 44_100), Recording(limited(20_000), RATE))
    assert samples.shape == original.shape and done.lag == 0
    assert si_sdr(original[2000:-2000], samples[2000:-2000]) > 50


def test_long_recordings_are_correlated_in_pieces_with_the_same_result(monkeypatch):
    original = limited(20_000, 2)
    copy = moved(original, 777, 20_300)
    whole = align(Recording(original, RATE), Recording(copy, RATE))[1]
    monkeypatch.setattr("sottovoce.audio.alignment._BLOCK", 3001)
    pieces = align(Recording(original, RATE), Recording(copy, RATE))[1]
    assert pieces == whole and whole.lag == 777


def test_a_copy_as_it_was_is_returned_as_it_is_with_offset_and_silent_channel():
    original = limited(9000, 2) + 0.25
    original[:, 1] = 0.0
    samples, done = align(Recording(original, RATE), Recording(original, RATE))
    np.testing.assert_array_equal(samples, original)
    assert str(done) == "as it was" and done.correlation == pytest.approx(1)
    silent = Recording(np.zeros((100, 1)), RATE)
    assert align(silent, silent)[1].lag == 0


def test_the_least_move_is_taken_where_all_are_equal():
    hum = np.tile([0.5, -0.5], 3000)[:, None]
    assert align(Recording(hum, RATE), Recording(hum, RATE))[1].lag == 0


@pytest.mark.parametrize("copy", [limited(20_000, seed=5), np.zeros((20_000, 1)), -limited(20_000)])
def test_another_recording_is_no_copy(copy):
    with pytest.raises(SottovoceError, match=r"^not a copy of the original \(.*at most") as caught:
        align(Recording(limited(20_000), RATE), Recording(copy, RATE))
    assert "\n" not in str(caught.value)


def test_a_copy_under_as_much_noise_is_still_one():
    original = limited(20_000)
    done = align(Recording(original, RATE), Recording(original + limited(20_000, seed=3), RATE))[1]
    assert done.lag == 0 and LEAST_CORRELATION < done.correlation == pytest.approx(0.5**0.5, abs=0.05)


def test_a_mono_copy_of_a_stereo_original_is_refused():
    with pytest.raises(SottovoceError, match="the copy has 1 channel, the original 2"):
        align(Recording(limited(9000, 2), RATE), Recording(limited(9000), RATE))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({}, "as it was"),
        ({"from_rate": 22_050}, "resampled from 22050 to 16000 Hz"),
        ({"lag": -1.0}, "moved 1 sample later"),
        ({"lag": 705.59375, "from_rate": 22_050}, "resampled from 22050 to 16000 Hz, moved 705.59 samples earlier"),
        ({"from_frames": 1_234_567}, "shortened by 1233567 samples"),
        ({"from_frames": 904, "lag": 512.0}, "moved 512 samples earlier, lengthened by 96 samples"),
    ],
)
def test_one_sentence_says_what_was_done(change, sentence):
    same = {"from_rate": 16_000, "to_rate": 16_000, "lag": 0.0, "from_frames": 1000, "to_frames": 1000}
    assert str(Alignment(**{**same, **change})) == sentence
