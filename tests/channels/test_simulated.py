"""Simulated rooms sound like rooms."""

import pytest
import torch

from sottovoce.channels import simulated_rooms

FILTER = 40 / 16_000
"""Delay in seconds of pyroomacoustics' fractional-delay filter, half its length."""


@pytest.fixture(scope="module")
def rooms() -> torch.Tensor:
    return simulated_rooms(6, seed=0)


def t60(response: torch.Tensor) -> float:
    """Reverberation time by Schroeder's backward integration, from the decay between -5 and -25 dB."""
    left = response.square().flip(0).cumsum(0).flip(0)
    decay = 10 * torch.log10(left / left[0])
    start, end = (int((decay < level).nonzero()[0]) for level in (-5, -25))
    return 3 * (end - start) / 16_000


def test_reverberation_times_are_in_the_range(rooms: torch.Tensor) -> None:
    times = [t60(room) for room in rooms]
    assert all(0.1 < time < 0.9 for time in times)  # Sabine's formula is a rule of thumb
    assert max(times) > 1.3 * min(times)


def test_the_direct_sound_comes_first_with_a_peak_of_one(rooms: torch.Tensor) -> None:
    assert rooms.shape == (6, 9600) and (rooms.abs().amax(1) == 1).all()
    for room in rooms:
        peak = int(room.abs().argmax())
        delay = peak / 16_000 - FILTER
        assert 0.49 < 343 * delay < 1.52  # metres
        assert room[: peak - 60].abs().max() < 0.05


def test_the_same_seed_gives_the_same_rooms(rooms: torch.Tensor) -> None:
    assert torch.equal(simulated_rooms(2, seed=0), rooms[:2])
    assert not torch.equal(simulated_rooms(2, seed=1), rooms[:2])
