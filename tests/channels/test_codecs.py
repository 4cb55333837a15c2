"""Codecs keep tones, lose quality with compression and pass gradients straight through."""

import math

import pytest
import torch

from sottovoce.channels import Codec
from sottovoce.channels.codecs import FORMATS
from sottovoce.metrics import snr

TONES = torch.stack([0.2 * torch.sin(2 * math.pi * pitch * torch.arange(32_000) / 16_000) for pitch in (440.0, 1500.0)])


@pytest.mark.parametrize("name", FORMATS)
def test_tones_come_back_aligned_and_worse_with_more_compression(name: str) -> None:
    good, poor = Codec(name, 0.0)(TONES), Codec(name, 0.9)(TONES)
    assert good.shape == TONES.shape
    assert (snr(TONES, good) > 15).all()
    assert (snr(TONES, good) >= snr(TONES, poor) - 1).all()


def test_the_gradient_passes_straight_through() -> None:
    waveforms = TONES.clone().requires_grad_()
    weights = torch.randn(TONES.shape, generator=torch.Generator().manual_seed(0))
    (Codec()(waveforms) * weights).sum().backward()
    torch.testing.assert_close(waveforms.grad, weights)


def test_padding_stays_silent() -> None:
    coded = Codec()(TONES, torch.tensor([32_000, 20_000]))
    assert not coded[1, 20_000:].any()
    torch.testing.assert_close(coded[1:, :20_000], Codec()(TONES[1:, :20_000]))
