"""The losses of SSED by hand."""

import math

import pytest
import torch

from sottovoce.metrics import snr
from sottovoce.perturbers.ssed import Perturbed
from sottovoce.training.ssed_losses import excess, quality_loss, removal_loss, residual_loss


def test_the_losses_of_ssed_are_the_papers() -> None:
    waveforms, changed = torch.randn(2, 100), torch.randn(2, 100)
    noise, mask, other_noise, other_mask = (torch.rand(2, 100) for _ in range(4))
    there, back = Perturbed(changed, noise, mask), Perturbed(waveforms, other_noise, other_mask)
    for row in range(2):
        change = math.dist(changed[row].tolist(), waveforms[row].tolist())
        assert quality_loss(waveforms, there, 0.01)[row].item() == pytest.approx(
            0.99 * change + 0.01 * math.hypot(*mask[row].tolist()), rel=1e-4
        )
        masks = math.dist(mask[row].tolist(), other_mask[row].tolist())
        assert removal_loss(there, back, 0.8)[row].item() == pytest.approx(
            0.2 * masks + 0.8 * math.hypot(*(noise[row] + other_noise[row]).tolist()), rel=1e-4
        )


def test_the_excess_is_what_the_snr_lacks() -> None:
    waveforms, noise = torch.randn(3, 4000), torch.randn(3, 4000)
    changed = waveforms + torch.tensor([0.1, 0.01, 0.001])[:, None] * noise
    there = Perturbed(changed, noise, noise)
    lacking = torch.relu(30.0 - snr(waveforms, changed)).float()
    torch.testing.assert_close(excess(waveforms, there, 30.0), lacking, rtol=1e-3, atol=1e-2)
    assert lacking[0] > 0 and lacking[2] == 0


def test_the_residual_is_the_logarithm_of_what_remains() -> None:
    waveforms, change = torch.randn(3, 100), torch.randn(3, 100)
    shares = torch.tensor([1.0, 0.5, 0.01])
    there = Perturbed(waveforms + change, change, change)
    back = Perturbed(waveforms + shares[:, None] * change, change, change)
    torch.testing.assert_close(residual_loss(waveforms, there, back), shares.log(), rtol=1e-3, atol=1e-4)
