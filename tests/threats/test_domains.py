"""Every domain starts at the recording, treats rows separately and has gradients."""

import math

import pytest
import torch
from torch import Tensor

from sottovoce.attacks import OPT, PGD
from sottovoce.audio import energy, pad
from sottovoce.channels import Quantization
from sottovoce.threats import (
    Domain,
    GainDomain,
    Log1pDomain,
    MaskedDomain,
    Masking,
    ShapedDomain,
    Silence,
    SNRFloor,
    WaveformDomain,
)

DOMAINS = {
    "waveform": WaveformDomain(),
    "log1p": Log1pDomain(),
    "shaped": ShapedDomain(),
    "white": ShapedDomain(exponent=0.0),
    "like the recording": ShapedDomain(exponent=1.0),
    "masked": MaskedDomain(),
    "gains": GainDomain(6.0),
}
every_domain = pytest.mark.parametrize("domain", DOMAINS.values(), ids=DOMAINS.keys())


def noise(*shape: int, seed: int = 0) -> Tensor:
    return 0.1 * torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@every_domain
@pytest.mark.parametrize("samples", [1, 255, 256, 257, 2000])
def test_the_start_decodes_to_the_recording(domain: Domain, samples: int) -> None:
    waveforms = noise(2, samples)
    chart = domain.chart(waveforms, torch.full((2,), samples))
    torch.testing.assert_close(chart.decode(chart.start), waveforms, rtol=0, atol=1e-5)


@every_domain
def test_a_padded_row_moves_as_it_does_alone(domain: Domain) -> None:
    batch, lengths = pad([noise(1001, seed=1), noise(3000, seed=2)])
    together, alone = domain.chart(batch, lengths), domain.chart(batch[:1, :1001], lengths[:1])
    step = noise(*alone.start.shape, seed=3)
    steps = torch.zeros_like(together.start)
    steps[tuple(slice(size) for size in step.shape)] = step
    moved = together.decode(together.start + steps)
    moved_alone = alone.decode(alone.start + step)
    torch.testing.assert_close(moved[:1, :1001], moved_alone, rtol=0, atol=1e-5)

    half, half_alone = (batch + moved) / 2, (batch[:1, :1001] + moved_alone) / 2
    half[0, 1001:] = 0
    settled = together.decode(together.settle(together.start + steps, half))[:1, :1001]
    torch.testing.assert_close(settled, alone.decode(alone.settle(alone.start + step, half_alone)), rtol=0, atol=1e-5)


@every_domain
def test_the_gradient_reaches_all_coordinates(domain: Domain) -> None:
    waveforms = noise(1, 700)
    chart = domain.chart(waveforms, torch.tensor([700]))
    coordinates = chart.start.clone().requires_grad_()
    (chart.decode(coordinates) * noise(1, 700, seed=5)).sum().backward()
    assert coordinates.grad is not None and coordinates.grad.isfinite().all()
    assert (coordinates.grad != 0).float().mean() > 0.9


def test_samples_and_spectra_settle_on_the_allowed_waveforms() -> None:
    waveforms, lengths = noise(1, 800), torch.tensor([800])
    allowed = waveforms + 0.01
    assert torch.equal(WaveformDomain().chart(waveforms, lengths).settle(waveforms + 1, allowed), allowed)
    chart = ShapedDomain().chart(waveforms, lengths)
    wish = noise(*chart.start.shape, seed=6)
    allowed = waveforms + 0.3 * (chart.decode(wish) - waveforms)
    torch.testing.assert_close(chart.settle(wish, allowed), 0.3 * wish, rtol=1e-4, atol=1e-6)


def test_the_log1p_domain_keeps_the_phase() -> None:
    tone = 0.5 * torch.sin(torch.arange(4096) * (2 * torch.pi * 32 / 512))[None]
    chart = Log1pDomain().chart(tone, torch.tensor([4096]))
    louder = chart.decode(torch.log1p(2 * torch.expm1(chart.start)))
    torch.testing.assert_close(louder, 2 * tone, rtol=0, atol=1e-4)


@pytest.mark.parametrize("domain", [ShapedDomain(0.0), ShapedDomain(0.5), ShapedDomain(1.0), MaskedDomain()], ids=repr)
def test_a_coordinate_of_one_is_about_as_loud_as_the_recording(domain: Domain) -> None:
    waveforms = noise(1, 16000)
    chart = domain.chart(waveforms, torch.tensor([16000]))
    phase = 2 * torch.pi * torch.rand(chart.start.shape[:-1], generator=torch.Generator().manual_seed(7))
    change = chart.decode(torch.stack([phase.cos(), phase.sin()], dim=-1)) - waveforms
    assert abs(10 * torch.log10(energy(change) / energy(waveforms)).item()) < 6.5  # overlapping frames partly cancel


def test_a_larger_exponent_moves_the_perturbation_to_the_recordings_frequencies() -> None:
    tone = 0.5 * torch.sin(torch.arange(16000) * (2 * torch.pi * 1000 / 16000))[None]
    shares = []
    for exponent in (0.0, 0.5, 1.0):
        chart = ShapedDomain(exponent).chart(tone, torch.tensor([16000]))
        change = chart.decode(noise(*chart.start.shape, seed=8)) - tone
        power = torch.fft.rfft(change[0]).abs().square()
        shares.append(float(power[800:1200].sum() / power.sum()))
    assert shares[0] < 0.1 < shares[1] < shares[2] and shares[2] > 0.95


def test_equal_steps_in_the_masked_domain_are_equally_far_from_the_threshold() -> None:
    tones = sum(torch.sin(2 * torch.pi * pitch / 16000 * torch.arange(16000.0)) for pitch in (500, 3000))
    recording, lengths = 0.2 * tones[None], torch.tensor([16000])
    chart = MaskedDomain().chart(recording, lengths)
    change = chart.decode(1e-2 * noise(*chart.start.shape, seed=9)) - recording
    masking = Masking(512)
    thresholds = masking.thresholds(recording, lengths)
    above = 10 * torch.log10(masking.power(change) * thresholds.scale) - thresholds.levels
    by_band = above[0, :, 10:-10].mean(1)[4:].unfold(0, 16, 16).mean(1)
    assert (
        by_band.max() - by_band.min()
        < 6.0
        < 20.0
        < thresholds.levels[0, 4:, 60].max() - thresholds.levels[0, 4:, 60].min()
    )


@pytest.mark.parametrize("attack", [PGD, OPT])
def test_attacks_find_their_way_below_the_mask(attack: type[PGD] | type[OPT]) -> None:
    recording, budget = noise(1, 4000), SNRFloor(10.0)
    settings = {"step": 0.05} if attack is PGD else {"lr": 0.05, "alpha": 1.0}
    result = attack(steps=10, budget=budget, domain=MaskedDomain(), **settings)(Quantization(), recording, Silence())
    assert result.snr.item() == pytest.approx(10.0, abs=0.1)
    loudness = 10 * torch.log10(energy(result.adversarial) / energy(recording))
    assert loudness.item() < 20 * math.log10(1 - 10**-0.5) + 1.0  # the whole budget against the recording


def test_silence_has_finite_coordinates() -> None:
    waveforms = torch.zeros(1, 2000)
    for domain in DOMAINS.values():
        chart = domain.chart(waveforms, torch.tensor([2000]))
        assert chart.decode(chart.start + noise(*chart.start.shape)).isfinite().all()
