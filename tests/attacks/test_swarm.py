"""The motion of the particles, observed by their listener."""

import pytest
import torch
from torch import Tensor, nn

from sottovoce.attacks import Swarm
from sottovoce.threats import LabelMargin, LInf

SAMPLES, STEP = 400, 0.002
TARGET = LabelMargin(torch.tensor([1]))


class Improving(nn.Module):
    """Two classes; the second comes nearer with every query but is never reached."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        self.count += 1
        score = torch.full((len(waveforms),), -1.0 / self.count)
        return torch.stack([-score, score], -1)


class Level(nn.Module):
    """Two classes by the sum of the samples; the second is out of reach."""

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        score = waveforms.sum(-1) - 1e3
        return torch.stack([-score, score], -1)


def flights(recorder, *, size: int, iterations: int, epochs: int = 1, limit: float = 1.0) -> Tensor:
    """The positions `(epochs·iterations, size, samples)` of the particles of a swarm around silence."""
    random = torch.Generator().manual_seed(0)
    attack = Swarm(
        generator=random, size=size, iterations=iterations, epochs=epochs, step=STEP, budget=LInf(limit), rows=size
    )
    attack(recorder, torch.zeros(1, SAMPLES), TARGET)
    return torch.stack(recorder.asked[: epochs * iterations])


def test_a_particle_that_only_improves_flies_straight_and_slows_down_with_the_inertia(record) -> None:
    positions = flights(record(Improving()), size=1, iterations=5)[:, 0]
    moves = positions.diff(dim=0)
    for number, inertia in ((1, 0.7), (2, 0.5), (3, 0.3)):
        torch.testing.assert_close(moves[number], inertia * moves[number - 1], rtol=1e-3, atol=1e-9)


def test_no_particle_is_faster_than_a_step_or_leaves_the_budget(record) -> None:
    positions = flights(record(Level()), size=6, iterations=20, limit=0.003)
    assert positions.diff(dim=0).abs().max() == pytest.approx(STEP, rel=1e-4)
    assert positions.abs().max() == pytest.approx(0.003, rel=1e-4)


def test_the_first_epoch_starts_with_the_recording_and_the_next_with_the_best_so_far(record) -> None:
    positions = flights(record(Level()), size=4, iterations=10, epochs=2)
    assert not positions[0, 0].any()
    first = positions[:10].flatten(0, 1)
    assert torch.equal(positions[10, 0], first[first.sum(-1).argmax()])
    starts = positions[10, 1:]
    assert starts.abs().max() <= STEP and starts.abs().mean().item() == pytest.approx(STEP / 2, rel=0.1)
