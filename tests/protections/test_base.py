"""The SNR holds on what an integer format makes of the samples."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.audio.files import Recording
from sottovoce.protections.adding import add_within


@given(
    snr=st.floats(0, 60),
    level=st.floats(1e-4, 1.0),
    loudness=st.floats(1e-4, 10.0),
    subtype=st.sampled_from(["PCM_U8", "PCM_16", "PCM_24", "FLOAT"]),
)
def test_the_snr_holds_after_rounding_by_libsndfile(tmp_path_factory, snr, level, loudness, subtype):
    path = tmp_path_factory.mktemp("a") / "a.wav"
    rng = np.random.default_rng(0)
    soundfile.write(path, (level * rng.normal(size=(400, 2))).clip(-1, 1), 16_000, subtype=subtype)
    samples = soundfile.read(path, always_2d=True)[0]
    recording = Recording(samples, 16_000, "WAV", subtype)
    written = add_within(recording, loudness * rng.normal(size=400), snr, path)
    soundfile.write(path, written, 16_000, subtype=subtype)
    difference = soundfile.read(path, always_2d=True)[0] - samples
    assert (difference**2).sum() <= (samples**2).sum() * 10 ** (-snr / 10) * (1 + 1e-4)


def test_a_perturbation_within_the_budget_is_added_as_it_is():
    samples, change = np.full((100, 2), 0.5), np.full(100, 2.0**-8)
    written = add_within(Recording(samples, 8_000), change, 20.0, Path("a.wav"))
    np.testing.assert_array_equal(written - samples, np.full((100, 2), 2.0**-8))


@pytest.mark.parametrize("own", [0.999, 1.7, -1.7])
def test_nothing_leaves_full_scale_that_was_within_and_nothing_beyond_is_cut(own):
    recording = Recording(np.full((10, 1), own), 8_000, "WAV", "DOUBLE")
    written = add_within(recording, np.full(10, np.sign(own) * 0.01), 0.0, Path("a.wav"))
    np.testing.assert_array_equal(written, max(1.0, abs(own)) * np.sign(own))
