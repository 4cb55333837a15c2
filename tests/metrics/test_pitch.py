"""Pitch contours of buzzes whose pitch is known."""

import pytest
import torch
from torch import Tensor

from sottovoce.metrics import MetricWarning, pitch_correlation, voiced_share


def gliding(low: float, high: float, seconds: float = 1.5, wobble: float = 2.0) -> Tensor:
    """A buzz whose pitch swings between two frequencies."""
    time = torch.arange(round(16_000 * seconds), dtype=torch.float64) / 16_000
    pitch = (low + high) / 2 + (high - low) / 2 * torch.sin(2 * torch.pi * wobble * time)
    phase = 2 * torch.pi * pitch.cumsum(0) / 16_000
    return 0.1 * sum((torch.sin(k * phase) / k for k in range(1, 8)), torch.zeros_like(phase))[None]


def test_the_same_melody_in_another_key_correlates_and_its_mirror_image_does_not() -> None:
    voice = gliding(120, 180)
    assert pitch_correlation(voice, voice).item() == pytest.approx(1.0, abs=1e-12)
    assert pitch_correlation(voice, gliding(200, 300)).item() > 0.98
    assert pitch_correlation(voice, 0.1 * torch.randn(voice.shape).double()).item() < 0.5


@pytest.mark.parametrize("samples", [-4000, 4000])
def test_a_delay_in_either_direction_is_found(samples: int) -> None:
    voice = torch.nn.functional.pad(gliding(120, 180), (8000, 8000))
    assert pitch_correlation(voice, voice.roll(samples, 1)).item() > 0.99
    assert pitch_correlation(voice, voice.flip(1)).item() < 0.99


def test_neither_gain_nor_padding_matters() -> None:
    voice = gliding(120, 180)
    padded = torch.nn.functional.pad(voice, (0, 5000), value=0.3)
    lengths = torch.tensor([voice.shape[1]])
    assert pitch_correlation(padded, 0.5 * padded, lengths).item() == pytest.approx(1.0, abs=1e-6)


def test_without_a_voice_it_is_zero_and_too_short_it_is_undefined() -> None:
    voice = gliding(120, 180)
    assert pitch_correlation(voice, torch.zeros_like(voice)).item() == 0
    with pytest.warns(MetricWarning, match="three periods"):
        assert pitch_correlation(voice[:, :600], voice[:, :600]).isnan().all()


def test_the_voiced_share_is_that_of_the_buzz() -> None:
    half = torch.nn.functional.pad(gliding(120, 180), (0, 24_000))
    assert voiced_share(half).item() == pytest.approx(0.5, abs=0.05)
    assert voiced_share(torch.zeros(1, 16_000)).item() == 0
    assert voiced_share(half, torch.tensor([24_000])).item() > 0.9


def test_the_voiced_share_of_less_than_three_periods_is_undefined() -> None:
    with pytest.warns(MetricWarning, match="three periods"):
        assert voiced_share(torch.ones(1, 640)).isnan().item()
