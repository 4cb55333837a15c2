"""The equaliser: what it may change, what it never changes, and that attacks find their way with it."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from sottovoce.attacks import OPT, PGD
from sottovoce.attacks.base import Attack
from sottovoce.audio import energy
from sottovoce.threats import GainDomain, Silence, SNRFloor


def noise(*shape: int, seed: int = 0) -> Tensor:
    return 0.1 * torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def power(waveform: Tensor) -> Tensor:
    return torch.fft.rfft(waveform[0]).abs().square()


@settings(max_examples=20, deadline=None)
@given(samples=st.integers(1, 4000), seed=st.integers(0, 99))
def test_the_start_is_the_recording_and_silence_stays_silent(samples: int, seed: int) -> None:
    waveforms = torch.stack([noise(samples, seed=seed), torch.zeros(samples), torch.full((samples,), 0.3)])
    chart = GainDomain(12.0).chart(waveforms, torch.full((3,), samples))
    assert torch.equal(chart.decode(chart.start), waveforms)
    wild = chart.decode(100 * noise(*chart.start.shape, seed=seed))
    torch.testing.assert_close(wild[1:], waveforms[1:], rtol=0, atol=1e-7)


def test_pauses_stay_silent() -> None:
    recording = noise(1, 16000)
    recording[:, 6000:10000] = 0
    recording[:, :6000] -= recording.sum() / 6000  # without an offset, which would be taken off the pause, too
    chart = GainDomain(6.0).chart(recording, torch.tensor([16000]))
    changed = chart.decode(100 * noise(*chart.start.shape, seed=1))
    assert changed[:, 6512:9488].abs().max() < 1e-7


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("reach", [2.0, 6.0])
def test_all_bands_at_their_end_change_the_level_by_the_reach(reach: float, sign: float) -> None:
    recording = noise(1, 8000)
    chart = GainDomain(reach).chart(recording, torch.tensor([8000]))
    changed = chart.decode(torch.full_like(chart.start, sign * 20))
    mean = recording.mean()
    torch.testing.assert_close(changed - mean, 10 ** (sign * reach / 20) * (recording - mean), rtol=1e-3, atol=1e-5)


def test_a_band_changes_its_own_frequencies_alone() -> None:
    recording = noise(1, 16000)
    chart = GainDomain(6.0).chart(recording, torch.tensor([16000]))
    coordinates = chart.start.clone()
    coordinates[:, 12] = 20.0  # at 12 / 23 of 2840 mel, which is 1900 Hz
    gain = 10 * torch.log10(power(chart.decode(coordinates)) / power(recording))
    assert gain[1880:1920].mean() == pytest.approx(6.0, abs=0.5)
    assert gain[50:1400].abs().mean() < 0.05 and gain[2600:7900].abs().mean() < 0.05


def test_a_moment_changes_its_own_time_alone() -> None:
    recording = noise(1, 16000)
    chart = GainDomain(6.0).chart(recording, torch.tensor([16000]))
    coordinates = chart.start.clone()
    coordinates[:, :, 10] = 20.0  # at 8000 samples
    change = chart.decode(coordinates) - recording
    assert change[:, :6900].abs().max() < 1e-4 and change[:, 9100:].abs().max() < 1e-4
    assert energy(change[:, 7900:8100]) == pytest.approx(energy(recording[:, 7900:8100]).item(), rel=0.1)


class Notch(nn.Module):
    """Hears what is between 1 and 2 kHz."""

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        spectrum, bins = torch.fft.rfft(waveforms), waveforms.shape[-1] // 2 + 1
        pitch = torch.linspace(0, 8000, bins)
        return torch.fft.irfft(spectrum * ((pitch > 1000) & (pitch < 2000)), n=waveforms.shape[-1])


ATTACKS = {
    "pgd": PGD(step=0.2, steps=15, domain=GainDomain(6.0)),
    "opt": OPT(lr=0.2, steps=15, alpha=1.0, domain=GainDomain(6.0)),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_attacks_turn_down_what_the_listener_hears(attack: Attack) -> None:
    recording = noise(1, 8000)
    result = attack(Notch(), recording, Silence())
    gain = 10 * torch.log10(power(result.adversarial) / power(recording))
    assert gain[600:900].mean() < -4.5  # bins of 2 Hz


def test_a_budget_limits_the_gains() -> None:
    recording = noise(1, 8000)
    attack = PGD(step=0.2, steps=10, budget=SNRFloor(20.0), domain=GainDomain(6.0))
    result = attack(Notch(), recording, Silence())
    assert result.snr.item() >= 20.0 - 1e-3
    assert energy(Notch()(result.adversarial)) < 0.8 * energy(Notch()(recording))


@pytest.mark.parametrize("wrong", [0.0, -1.0, float("nan"), "6"])
def test_what_is_no_reach_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="reach must be a finite number above 0; got "):
        GainDomain(wrong)
