"""The speech transmission index lies between 0 and 1, falls with noise and reverberation, and weights the bands."""

import pytest
import torch

from sottovoce import metrics
from sottovoce.channels.rooms import reverberate
from sottovoce.metrics import MetricWarning


def test_speech_itself_is_transmitted_perfectly_at_any_loudness(voice) -> None:
    assert metrics.sti(voice, 0.3 * voice).tolist() == pytest.approx([1.0] * len(voice))


def test_noise_lowers_it_step_by_step(voice) -> None:
    noise = torch.randn(voice.shape, generator=torch.Generator().manual_seed(0)) * voice.std()
    values = torch.stack([metrics.sti(voice, voice + gain * noise) for gain in (0.1, 0.5, 2.0, 10.0)])
    assert (values[:-1] > values[1:]).all()
    assert (metrics.sti(voice, noise) < 0.35).all()


def test_a_long_room_lowers_it_more_than_a_short_one(voice) -> None:
    random = torch.Generator().manual_seed(0)
    taps = torch.randn(1, 16_000, generator=random)
    rooms = [taps * torch.exp(-torch.arange(16_000) * 6.9 / (16_000 * t60)) for t60 in (0.2, 1.0)]
    short, long = (metrics.sti(voice, reverberate(voice, room)) for room in rooms)
    assert (short > long).all()


def test_a_lost_octave_band_costs_its_weight() -> None:
    generator = torch.Generator().manual_seed(0)
    time = torch.arange(10 * 16_000, dtype=torch.float64) / 16_000
    slow = torch.randn(12, 200, generator=generator, dtype=torch.float64)
    levels = 2 + torch.nn.functional.interpolate(slow[None], len(time), mode="linear")[0].clamp(-1.5, 1.5)
    tones = torch.stack([torch.sin(2 * torch.pi * 125 * 2**octave * time) for octave in range(6)])
    kept, lost = 0.02 * levels[:6] * tones, 0.02 * levels[6:] * tones
    whole = kept.sum(0).expand(6, -1)
    weights = torch.tensor([0.129, 0.143, 0.114, 0.114, 0.186, 0.171], dtype=torch.float64)
    torch.testing.assert_close(metrics.sti(whole, whole - kept + lost), 1 - weights / weights.sum(), rtol=0, atol=0.03)


def test_what_cannot_be_computed_is_nan() -> None:
    with pytest.warns(MetricWarning, match="half a second"):
        assert metrics.sti(torch.ones(1, 100), torch.ones(1, 100)).isnan().all()
    with pytest.warns(MetricWarning, match="silent"):
        assert metrics.sti(torch.zeros(1, 16_000), torch.ones(1, 16_000)).isnan().all()
