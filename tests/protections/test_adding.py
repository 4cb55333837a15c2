"""The SNR of every channel holds on what an integer format makes of the samples."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.audio.files import Recording
from sottovoce.protections.adding import Sum


def written(total: Sum) -> np.ndarray:
    return np.concatenate([block for _, block in total.blocks()])


@given(
    snr=st.floats(0, 60),
    level=st.floats(1e-4, 1.0),
    loudness=st.floats(1e-4, 10.0),
    subtype=st.sampled_from(["PCM_U8", "PCM_16", "PCM_24", "FLOAT"]),
)
def test_the_snr_of_every_channel_holds_after_rounding_by_libsndfile(tmp_path_factory, snr, level, loudness, subtype):
    path = tmp_path_factory.mktemp("a") / "a.wav"
    rng = np.random.default_rng(0)
    levels = np.array([level, 0.1 * level])
    soundfile.write(path, (levels * rng.normal(size=(400, 2))).clip(-1, 1), 16_000, subtype=subtype)
    samples = soundfile.read(path, always_2d=True)[0]
    change = torch.from_numpy(loudness * rng.normal(size=(2, 400))).float()
    soundfile.write(path, written(Sum(Recording(samples, 16_000, "WAV", subtype), change, snr, path)), 16_000, subtype)
    difference = soundfile.read(path, always_2d=True)[0] - samples
    allowed = len(samples) * samples.var(0) * 10 ** (-snr / 10)
    assert ((difference**2).sum(0) <= allowed * (1 + 1e-4)).all()


def test_a_perturbation_within_the_budget_is_added_as_it_is():
    samples, change = np.tile([[0.5], [-0.5]], (50, 2)), torch.full((2, 100), 2.0**-8)
    total = Sum(Recording(samples, 16_000), change, 20.0, Path("a.wav"))
    np.testing.assert_array_equal(written(total) - samples, change.T.numpy())
    assert total.survives() and (total.gains == 1.0).all()


@pytest.mark.parametrize("own", [0.999, 1.7, -1.7])
def test_nothing_leaves_full_scale_that_was_within_and_nothing_beyond_is_cut(own):
    recording = Recording(np.array([[own], [0.0]] * 5), 16_000, "WAV", "DOUBLE")
    total = Sum(recording, torch.full((1, 10), np.sign(own) * 0.01), 0.0, Path("a.wav"))
    np.testing.assert_allclose(written(total)[::2], max(1.0, abs(own)) * np.sign(own), rtol=0, atol=1e-9)


def test_what_rounding_takes_away_does_not_survive():
    samples = np.tile([[0.5], [-0.5]], (50, 1))
    for change, survives in ((2.0**-17, False), (2.0**-15, True)):
        assert Sum(Recording(samples, 16_000), torch.full((1, 100), change), 20.0, Path("a.wav")).survives() == survives
    both = torch.stack([torch.full((100,), 2.0**-8), torch.full((100,), 2.0**-17)])
    assert not Sum(Recording(np.repeat(samples, 2, 1), 16_000), both, 20.0, Path("a.wav")).survives()
