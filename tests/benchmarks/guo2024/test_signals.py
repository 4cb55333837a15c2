"""Recordings as they are processed."""

import pytest
import torch

from benchmarks.guo2024.plan import signals
from benchmarks.guo2024.signals import OPTIMISED, Signal
from sottovoce.metrics import snr
from sottovoce.perturbers import SSED


def test_what_is_tested_is_what_a_16_bit_file_holds(plan, waveforms) -> None:
    for signal in signals(plan)[1:]:
        for processed, waveform in zip(signal.make(waveforms, seed=0), waveforms, strict=True):
            assert processed.shape == waveform.shape, signal.name
            assert torch.equal(processed * 32768, (processed * 32768).round()), signal.name
            assert not torch.equal(processed, waveform), signal.name


def test_restoration_starts_from_the_protected_file(plan, waveforms) -> None:
    network = SSED.load(plan.models[0])
    hidden = Signal("adv", plan.models[0]).make(waveforms, seed=0)
    restored = Signal("rst", plan.models[0]).make(waveforms, seed=0)
    with torch.no_grad():
        assert torch.allclose(restored[0], network.remove(hidden[0][None])[0], atol=0.51 / 32768)


@pytest.mark.parametrize("kind", OPTIMISED)
def test_optimisation_has_the_generators_snr(plan, waveforms, kind) -> None:
    hidden = Signal("adv", plan.models[0]).make(waveforms, seed=0)
    found = Signal(kind, plan.models[0], plan.encoders[0]).make(waveforms, seed=0)
    for waveform, one, other in zip(waveforms, hidden, found, strict=True):
        wanted = snr(waveform[None], one[None]).item()
        assert snr(waveform[None], other[None]).item() == pytest.approx(wanted, abs=0.5)
