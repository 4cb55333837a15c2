"""MFCC images against another computation."""

import numpy as np
import scipy.fft
import torch

from sottovoce.models.classifiers import SquareMFCC


def test_the_features_are_those_of_the_textbook() -> None:
    clip = 0.1 * torch.randn(1, 16_000, generator=torch.Generator().manual_seed(0))
    samples = clip[0].double().numpy()
    emphasised = np.append(samples[0], samples[1:] - 0.97 * samples[:-1])
    power = np.abs(np.fft.rfft(emphasised.reshape(32, 500), 2048)) ** 2 / 2048
    mels = np.linspace(0, 2595 * np.log10(1 + 8000 / 700), 34)
    edges = 700 * (10 ** (mels / 2595) - 1)
    bins = np.arange(1025) * 16_000 / 2048
    bands = np.stack([power @ np.interp(bins, edges[i : i + 3], [0, 1, 0]) for i in range(32)], axis=1)
    wanted = scipy.fft.dct(np.log(bands), norm="ortho") * (1 + 11 * np.sin(np.pi * np.arange(32) / 22))
    wanted[:, 0] = np.log(power.sum(1))
    np.testing.assert_allclose(SquareMFCC()(clip)[0].numpy(), wanted, atol=2e-3)
