"""Every way of listening to several channels is a view, unless there is nothing to hear in it."""

import torch

from sottovoce.audio.views import same_views, views


def noise(seed: int) -> torch.Tensor:
    return torch.randn(1000, generator=torch.Generator().manual_seed(seed))


def test_channels_mean_and_differences_are_what_their_names_say() -> None:
    left, right, rear = noise(0), noise(1), noise(2)
    found = views(torch.stack([left, right, rear]))
    assert list(found) == ["channel 1", "channel 2", "channel 3", "mean", "difference 1-2", "difference 2-3"]
    torch.testing.assert_close(found["mean"], (left + right + rear) / 3)
    torch.testing.assert_close(found["difference 2-3"], (right - rear) / 2)


def test_views_without_sound_are_left_out() -> None:
    left = noise(0)
    assert list(views(torch.stack([left, -left]))) == ["channel 1", "channel 2", "difference 1-2"]
    assert list(views(torch.stack([left, left + 1e-3 * noise(1)]))) == ["channel 1", "channel 2", "mean"]
    assert list(views(torch.stack([left, torch.zeros(1000)]))) == ["channel 1", "mean", "difference 1-2"]
    assert list(views(left[None])) == ["channel 1"]


def test_another_recording_is_viewed_alike() -> None:
    first, second = torch.stack([noise(0), noise(0)]), torch.stack([noise(1), noise(2)])
    found = same_views(second, list(views(first)))
    torch.testing.assert_close(found, torch.stack([second[0], second[1], second.mean(0)]))
