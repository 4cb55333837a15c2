"""Every way of listening to several channels is a view, unless there is nothing to hear in it."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.audio.files import Recording
from sottovoce.audio.resampling import resample
from sottovoce.audio.views import hear, hear_channels, views


def noise(seed: int) -> np.ndarray:
    return 0.1 * np.random.default_rng(seed).standard_normal(1000)


def recording(*channels: np.ndarray, rate: int = 16_000) -> Recording:
    return Recording(np.stack(channels, 1), rate)


def test_channels_mean_and_differences_are_what_their_names_say() -> None:
    left, right, rear = noise(0), noise(1), noise(2)
    sound = recording(left, right, rear)
    found = views(sound)
    assert list(found) == ["channel 1", "channel 2", "channel 3", "mean", "difference 1-2", "difference 2-3"]
    for name, expected in (("mean", (left + right + rear) / 3), ("difference 2-3", (right - rear) / 2)):
        torch.testing.assert_close(hear(sound, found[name]), torch.from_numpy(expected - expected.mean()).float())


def test_views_without_sound_are_left_out() -> None:
    left = noise(0)
    assert list(views(recording(left, -left))) == ["channel 1", "channel 2", "difference 1-2"]
    assert list(views(recording(left, left + 1e-3 * noise(1)))) == ["channel 1", "channel 2", "mean"]
    assert list(views(recording(left, np.full(1000, 0.3)))) == ["channel 1", "mean", "difference 1-2"]
    assert list(views(recording(left))) == ["channel 1"]


@given(frames=st.integers(1, 3000), rate=st.sampled_from([8_000, 16_000, 22_050, 44_100]), channels=st.integers(1, 3))
def test_models_hear_every_channel_resampled_and_without_its_mean(frames: int, rate: int, channels: int) -> None:
    samples = np.random.default_rng(frames).normal(0.2, 0.1, (frames, channels))
    heard = hear_channels(Recording(samples, rate))
    expected = resample(samples - samples.mean(0), rate, 16_000).T
    torch.testing.assert_close(heard, torch.from_numpy(np.ascontiguousarray(expected)).float())
