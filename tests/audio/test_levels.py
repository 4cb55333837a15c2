"""Energies and ratios of channels, without their means."""

import numpy as np

from sottovoce.audio.files import Recording
from sottovoce.audio.levels import energies, snrs


def test_a_mean_is_no_signal_and_each_channel_has_its_own_ratio():
    noise = np.random.default_rng(0).normal(size=1000)
    original = Recording(np.stack([noise + 5.0, np.zeros(1000), noise, noise], 1), 16_000)
    np.testing.assert_allclose(energies(original), 1000 * noise.var() * np.array([1.0, 0.0, 1.0, 1.0]))
    change = np.stack([0.1 * noise, 0.1 * noise, 0.01 * noise, 0.0 * noise], 1)
    expected = 10 * np.log10(1000 * noise.var() / (noise**2).sum())
    found = snrs(original, Recording(original.samples + change, 16_000))
    np.testing.assert_allclose(found, [expected + 20, -np.inf, expected + 40, np.inf])
