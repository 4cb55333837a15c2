"""Channels that are drawn anew each time."""

import math

import pytest
import torch

from sottovoce.channels import OneOf, Quantization, RandomEqualizer, RandomShift
from sottovoce.models.adapters import AsEnhancer


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_every_module_has_its_turn_and_the_seed_decides_when() -> None:
    coarse, fine = Quantization(8192), Quantization(16)
    tone = 0.3 * torch.sin(torch.arange(800.0))[None]
    drawn = {}
    for seed in (0, 0, 1):
        either = OneOf([coarse, fine], generator=generator(seed))
        drawn.setdefault(seed, []).append([bool(torch.equal(either(tone), coarse(tone))) for _ in range(40)])
    assert drawn[0][0] == drawn[0][1] != drawn[1][0]
    assert 8 < sum(drawn[0][0]) < 32  # 20 expected; within 3.8 standard deviations


def test_seams_of_all_modules_hold() -> None:
    one, other = AsEnhancer(torch.nn.Identity()), AsEnhancer(torch.nn.Identity())
    one.seam, other.seam = 480, 256
    assert OneOf([one, other, Quantization()], generator=generator()).seam == math.lcm(480, 256)


def test_an_equalizer_changes_levels_by_its_spread_and_no_phase() -> None:
    """At a whole number of kHz the gain in dB is normally distributed with the spread."""
    time = torch.arange(16_000) / 16_000
    equalizer, gains = RandomEqualizer(3.0, generator=generator()), []
    for pitch in (1000, 3000, 5000, 7000) * 100:
        tone = 0.01 * torch.sin(2 * torch.pi * pitch * time)[None]
        heard = equalizer(tone)
        gain = heard.norm() / tone.norm()
        assert torch.allclose(heard, gain * tone, atol=1e-4 * float(gain))
        gains.append(20 * math.log10(gain))
    assert torch.tensor(gains).std().item() == pytest.approx(3.0, rel=0.15)
    assert abs(torch.tensor(gains).mean().item()) < 0.6


def test_a_shift_moves_without_a_change_and_reaches_all_delays() -> None:
    impulse = torch.zeros(1, 50)
    impulse[0, 10] = 1.0
    shift = RandomShift(4, generator=generator())
    delays = {int(shift(impulse).argmax()) - 10 for _ in range(100)}
    assert delays == {0, 1, 2, 3, 4}
    assert shift(impulse).sum() == 1.0


def test_gradients_flow_through() -> None:
    waveforms = torch.randn(1, 800, generator=generator()).mul(0.1).requires_grad_()
    channel = OneOf([RandomShift(generator=generator()), RandomEqualizer(generator=generator())], generator=generator())
    (gradient,) = torch.autograd.grad(channel(waveforms).square().sum(), waveforms)
    assert gradient.abs().sum() > 0
