"""Plain noise of the same level and of the same quality."""

import math

import pytest
import torch

from sottovoce import metrics
from sottovoce.evaluation.controls import noise_alike, noise_as_loud


def speechlike(seconds: float = 2.0) -> torch.Tensor:
    time = torch.arange(round(seconds * 16_000)) / 16_000
    voice = sum(torch.sin(2 * math.pi * 120 * k * time) / k for k in range(1, 20))
    return 0.1 * voice * (0.6 + 0.4 * torch.sin(2 * math.pi * 3 * time))


def test_noise_as_loud_has_the_snr_of_the_perturbation_and_is_white():
    original = speechlike()
    protected = original + 0.01 * original.roll(100)
    noisy = noise_as_loud(original, protected)
    wanted, found = (metrics.snr(original[None], each[None]).item() for each in (protected, noisy))
    assert found == pytest.approx(wanted, abs=1e-3)
    noise = noisy - original
    lags = torch.tensor([torch.corrcoef(torch.stack([noise[:-k], noise[k:]]))[0, 1] for k in range(1, 9)])
    assert lags.abs().max() < 0.03
    assert torch.equal(noise_as_loud(original, protected), noisy)
    assert not torch.equal(noise_as_loud(original, protected, seed=1), noisy)


def test_noise_alike_has_the_quality():
    original = speechlike()
    wanted = 2.0
    noisy = noise_alike(original, wanted)
    assert metrics.pesq(original[None], noisy[None]).item() == pytest.approx(wanted, abs=0.1)


@pytest.mark.parametrize("quality", [math.nan, 4.9, 0.5])
def test_there_is_no_noise_of_a_quality_that_no_noise_has(quality):
    assert noise_alike(speechlike(), quality) is None


def test_silence_has_no_noise_alike():
    assert noise_alike(torch.zeros(16_000), 3.0) is None
    assert torch.equal(noise_as_loud(torch.zeros(160), torch.zeros(160)), torch.zeros(160))
