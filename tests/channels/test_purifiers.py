"""Purifiers against their definitions and scipy."""

import numpy as np
import pytest
import scipy.signal
import torch

from sottovoce.audio import pad
from sottovoce.channels import AdditiveNoise, MedianSmoothing, Quantization
from sottovoce.metrics import snr


def test_noise_has_the_given_snr() -> None:
    waveforms, lengths = pad([0.1 * torch.randn(200_000), 0.02 * torch.randn(120_000)])
    noise = AdditiveNoise(25.0, generator=torch.Generator().manual_seed(0))
    changed = noise(waveforms, lengths)
    torch.testing.assert_close(snr(waveforms, changed, lengths), torch.full((2,), 25.0).double(), rtol=0, atol=0.05)
    assert not changed[1, 120_000:].any() and not torch.equal(noise(waveforms, lengths), changed)


def test_quantization_rounds_16_bit_integers_as_numpy_does() -> None:
    integers = np.random.default_rng(0).integers(-32768, 32768, (2, 4000))
    waveforms = torch.from_numpy(integers / 32768).float().requires_grad_()
    changed = Quantization(256)(waveforms)
    wanted = np.clip(np.round(integers / 256) * 256 / 32768, -1, 1)
    np.testing.assert_allclose(changed.detach().numpy(), wanted, atol=1e-7)
    changed.sum().backward()
    assert waveforms.grad is not None and bool((waveforms.grad == 1).all())


@pytest.mark.parametrize("size", [3, 5])
def test_the_median_of_each_row_is_scipys(size: int) -> None:
    rows = [torch.randn(401), torch.randn(90)]
    changed = MedianSmoothing(size)(*pad(rows))
    for row, found in zip(rows, changed, strict=True):
        np.testing.assert_array_equal(found[: len(row)].numpy(), scipy.signal.medfilt(row.numpy(), size))
        assert not found[len(row) :].any()
