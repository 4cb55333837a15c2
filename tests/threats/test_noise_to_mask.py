"""Projected perturbations are below the masking threshold in every bin, and only as much smaller as they must be."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from sottovoce.attacks import PGD
from sottovoce.audio import energy, pad
from sottovoce.channels import Quantization
from sottovoce.threats import NoiseToMask, Silence

LENGTHS = st.integers(min_value=1, max_value=4000)
SEEDS = st.integers(min_value=0, max_value=99)


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def speech(samples: int, seed: int = 0, background: float = 0.0) -> Tensor:
    """Coloured noise in bursts, with an offset."""
    loudness = background + torch.sin(torch.arange(samples) / 500.0).clamp(min=0)
    return 0.1 * loudness * noise(samples + 20, seed=seed).unfold(0, 21, 1).mean(-1) + 0.01


def excess(budget: NoiseToMask, change: Tensor, limits: Tensor) -> float:
    """The largest magnitude relative to its limit."""
    magnitudes = budget.masking.stft(change).abs()
    return float((magnitudes / limits.clamp(min=1e-20)).max())


@settings(max_examples=30, deadline=None)
@given(samples=LENGTHS, seed=SEEDS, level=st.floats(-20, 30), loudness=st.floats(-8, 1))
def test_every_bin_is_within_its_limit(samples: int, seed: int, level: float, loudness: float) -> None:
    recording, budget = speech(samples, seed)[None], NoiseToMask(level)
    limits = budget.limits(recording)
    inside = budget.project(10**loudness * noise(1, samples, seed=seed + 1), limits)
    assert excess(budget, inside, limits) <= 1 + 1e-4 and inside.isfinite().all()
    torch.testing.assert_close(budget.project(inside, limits), inside, rtol=1e-4, atol=0)


@settings(max_examples=15, deadline=None)
@given(samples=LENGTHS, more=LENGTHS, seed=SEEDS)
def test_a_padded_row_is_projected_as_it_is_alone(samples: int, more: int, seed: int) -> None:
    budget = NoiseToMask(3.0)
    batch, lengths = pad([speech(samples, seed), speech(samples + more, seed + 1)])
    wish, _ = pad([noise(samples, seed=seed + 2), noise(samples + more, seed=seed + 3)])
    together = budget.project(wish, budget.limits(batch, lengths), lengths)
    alone = budget.project(wish[:1, :samples], budget.limits(batch[:1, :samples]))
    assert not together[0, samples:].any()
    torch.testing.assert_close(together[:1, :samples], alone, rtol=1e-2, atol=1e-3 * float(alone.abs().max()))


def test_a_perturbation_inside_is_unchanged_and_so_is_none() -> None:
    recording, budget = speech(3000)[None], NoiseToMask(0.0)
    limits = budget.limits(recording)
    inside = 0.5 * budget.project(noise(1, 3000), limits)
    assert torch.equal(budget.project(inside, limits), inside)
    assert not budget.project(torch.zeros(1, 3000), limits).any()


def test_silent_and_constant_rows_are_unchanged() -> None:
    rows, budget = torch.tensor([[0.0], [0.25], [-0.9]]).expand(3, 1500), NoiseToMask(20.0)
    assert not budget.project(noise(3, 1500), budget.limits(rows)).any()


def test_limits_follow_the_level_and_the_loudness_of_the_recording() -> None:
    recording = speech(3000)[None]
    limits = NoiseToMask(0.0).limits(recording)
    torch.testing.assert_close(NoiseToMask(20.0).limits(recording), 10 * limits, rtol=1e-4, atol=0)
    torch.testing.assert_close(NoiseToMask(0.0).limits(4 * recording), 4 * limits, rtol=1e-3, atol=1e-7)


@pytest.mark.parametrize("loudness", [1e-3, 1e-1])
def test_the_projection_is_not_much_farther_than_the_nearest_point(loudness: float) -> None:
    recording, budget = speech(6000, background=0.1)[None], NoiseToMask(6.0)
    limits, wish, stft = budget.limits(recording), loudness * noise(1, 6000, seed=5), budget.masking.stft
    outside = wish  # alternating projections stay outside, so they are closer
    for _ in range(300):
        spectrum = stft(outside)
        clipped = torch.polar(torch.minimum(spectrum.abs(), limits), spectrum.angle())
        outside = outside - stft.inverse(spectrum - clipped, 6000)
    inside = budget.project(wish, limits)
    assert excess(budget, outside, limits) > 1
    assert energy(wish - inside) < 1.7 * energy(wish - outside)
    assert energy(inside) > 0.3 * energy(outside)


@pytest.mark.parametrize("loudness", [1e-6, 1e-2])
def test_the_gradient_is_that_of_the_projection(loudness: float) -> None:
    budget, direction = NoiseToMask(0.0), noise(1, 1200, seed=7)
    budget.masking.stft.double()
    limits = 1e-2 * (1 + noise(1, 257, 12, seed=8).abs().double())
    wish = (loudness * noise(1, 1200, seed=9)).double().requires_grad_()
    (gradient,) = torch.autograd.grad((budget.project(wish, limits) * direction).sum(), wish)
    step = 1e-6 * loudness * noise(1, 1200, seed=10).double()
    with torch.no_grad():
        ahead, behind = (float((budget.project(wish + way * step, limits) * direction).sum()) for way in (1, -1))
    assert (ahead - behind) / 2 == pytest.approx(float((gradient * step).sum()), rel=1e-3)


def test_the_gradient_at_no_change_is_finite() -> None:
    budget, nothing = NoiseToMask(0.0), torch.zeros(2, 1500, requires_grad=True)
    limits = budget.limits(torch.stack([speech(1500), torch.zeros(1500)]))
    budget.project(nothing, limits).sum().backward()
    assert nothing.grad is not None and nothing.grad.isfinite().all() and nothing.grad[0].any()


def test_an_attack_stays_below_the_threshold_and_lowers_the_loss() -> None:
    recording, budget = speech(3000)[None], NoiseToMask(6.0)
    start = PGD(step=1e-9, steps=1, budget=budget)(Quantization(), recording, Silence())
    result = PGD(step=1e-3, steps=10, budget=budget)(Quantization(), recording, Silence())
    assert result.loss < 0.98 * start.loss
    assert excess(budget, result.adversarial - recording, budget.limits(recording)) < 1.01


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), "6", None])
def test_what_is_no_level_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="level must be a finite number; got "):
        NoiseToMask(wrong)
