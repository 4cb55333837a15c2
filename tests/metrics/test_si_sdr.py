import math

import pytest
import torch
from torch import Tensor

from sottovoce.metrics import MetricWarning, si_sdr


def test_is_the_cotangent_of_the_angle_between_the_signals(voice: Tensor, hiss: Tensor) -> None:
    estimate = 0.3 * (voice + hiss)
    cosine = torch.nn.functional.cosine_similarity(voice.double(), estimate.double())
    expected = -20 * torch.log10(torch.tan(torch.acos(cosine)))
    torch.testing.assert_close(si_sdr(voice, estimate), expected, rtol=0, atol=1e-4)


def test_zero_mean_ignores_an_offset() -> None:
    time = torch.arange(100) / 100
    tone, other = torch.sin(2 * torch.pi * 5 * time)[None], torch.sin(2 * torch.pi * 7 * time)[None]
    estimate = tone + 0.1 * other + 0.5
    assert si_sdr(tone, estimate, zero_mean=True).item() == pytest.approx(20, abs=1e-3)
    assert si_sdr(tone, estimate).item() == pytest.approx(-10 * math.log10((0.1**2 / 2 + 0.5**2) / 0.5), abs=1e-3)


def test_proportional_signals_give_a_large_finite_value(voice: Tensor) -> None:
    value = si_sdr(voice, 0.5 * voice)
    assert value.isfinite().all()
    assert (value > 150).all()


def test_silence_is_undefined() -> None:
    ones, zeros = torch.ones(1, 8), torch.zeros(1, 8)
    for reference, estimate, zero_mean, reason in [
        (zeros, ones, False, "reference is silent"),
        (ones, zeros, False, "estimate is silent"),
        (ones, ones, True, "reference is silent"),
    ]:
        with pytest.warns(MetricWarning, match=reason):
            assert si_sdr(reference, estimate, zero_mean=zero_mean).isnan().all()
