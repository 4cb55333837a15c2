"""MFCC against another computation."""

import numpy as np
import scipy.fft
import torch

from sottovoce.models.classifiers import SquareMFCC, usual_mfcc


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


def test_the_usual_features_are_those_of_the_textbook() -> None:
    clip = 0.1 * torch.randn(1, 16_000, generator=torch.Generator().manual_seed(0))
    samples = np.pad(clip[0].double().numpy(), 320)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(640) / 640)
    frames = np.stack([samples[320 * number :][:640] for number in range(51)])
    power = np.abs(np.fft.rfft(np.pad(frames, ((0, 0), (0, 640 - frames.shape[1]))) * window)) ** 2
    mels = np.linspace(2595 * np.log10(1 + 20 / 700), 2595 * np.log10(1 + 4000 / 700), 42)
    edges = 700 * (10 ** (mels / 2595) - 1)
    bands = np.stack([power @ np.interp(np.arange(321) * 25.0, edges[i : i + 3], [0, 1, 0]) for i in range(40)], axis=1)
    wanted = scipy.fft.dct(np.log(bands + 1e-6), norm="ortho")[:, :10]
    features = usual_mfcc(size=640, hop=320, coefficients=10)
    np.testing.assert_allclose(features(clip)[0].T.numpy(), wanted, atol=2e-3)
