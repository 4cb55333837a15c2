"""The speech transmission index falls with noise and reverberation, between its ends."""

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


def test_what_cannot_be_computed_is_nan() -> None:
    with pytest.warns(MetricWarning, match="half a second"):
        assert metrics.sti(torch.ones(1, 100), torch.ones(1, 100)).isnan().all()
    with pytest.warns(MetricWarning, match="silent"):
        assert metrics.sti(torch.zeros(1, 16_000), torch.ones(1, 16_000)).isnan().all()
