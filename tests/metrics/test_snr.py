import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torchmetrics.functional.audio import signal_noise_ratio

from sottovoce.metrics import MetricWarning, snr


def test_agrees_with_torchmetrics(voice: Tensor, hiss: Tensor) -> None:
    signal = voice.double() - voice.double().mean(-1, keepdim=True)
    expected = signal_noise_ratio(signal + hiss.double(), signal)
    torch.testing.assert_close(snr(voice, voice + hiss), expected, rtol=0, atol=1e-3)


@given(level=st.floats(-60, 60), gain=st.floats(0.01, 10), samples=st.integers(2, 400), seed=st.integers(0, 99))
def test_noise_counts_in_decibels_and_a_common_gain_not_at_all(
    level: float, gain: float, samples: int, seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    speech, noise = torch.randn(2, 1, samples, generator=generator, dtype=torch.float64)
    before = snr(speech, speech + noise)
    after = snr(gain * speech, gain * (speech + 10 ** (-level / 20) * noise))
    torch.testing.assert_close(after, before + level, rtol=0, atol=1e-6)


def test_limits() -> None:
    waves, zeros = torch.tensor([1.0, -1.0]).repeat(1, 4), torch.zeros(1, 8)
    assert snr(waves, waves).item() == torch.inf
    assert snr(waves, zeros).item() == 0
    with pytest.warns(MetricWarning, match="reference is silent"):
        assert snr(zeros, waves).isnan().all()
    with pytest.warns(MetricWarning, match="reference is constant"):
        assert snr(torch.full((1, 8), 0.3), waves).isnan().all()


@pytest.mark.parametrize("offset", [0.3, -10.0])
def test_a_constant_offset_is_no_signal_but_a_constant_change_is_noise(
    voice: Tensor, hiss: Tensor, offset: float
) -> None:
    torch.testing.assert_close(
        snr(voice.double() + offset, voice.double() + hiss + offset), snr(voice, voice + hiss), rtol=0, atol=1e-4
    )
    level = voice.double().std(-1, correction=0)
    torch.testing.assert_close(snr(voice.double(), voice.double() + offset), 20 * torch.log10(level / abs(offset)))
