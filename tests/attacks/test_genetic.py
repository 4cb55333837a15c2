"""Mutation, selection and crossover of the genetic search, observed by its listener."""

import pytest
import torch
from torch import Tensor, nn

from sottovoce.attacks import Genetic
from sottovoce.threats import LabelMargin, LInf

SAMPLES, SIZE = 4000, 12
TARGET = LabelMargin(torch.tensor([1]))
QUIET = torch.zeros(1, SAMPLES)


class Level(nn.Module):
    """Two classes by the sum of the samples; the second is out of reach."""

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        score = waveforms.sum(-1) - 1e3
        return torch.stack([-score, score], -1)


def generations(record, count: int, **settings: object) -> list[Tensor]:
    """The populations `(size, samples)` that a search asks about."""
    recorder, random = record(Level()), torch.Generator().manual_seed(0)
    Genetic(generator=random, size=SIZE, generations=count, step=0.01, **settings)(recorder, QUIET, TARGET)
    return recorder.asked[:count]


@pytest.mark.parametrize("share", [0.02, 0.5])
def test_a_mutation_changes_its_share_of_the_samples_by_up_to_a_step(record, share: float) -> None:
    (first,) = generations(record, 1, mutation=share)
    changed = first != 0
    deviation = (share * (1 - share) / changed.numel()) ** 0.5
    assert changed.float().mean().item() == pytest.approx(share, abs=4 * deviation)
    assert first.abs().max() <= 0.01
    assert first[changed].abs().mean().item() == pytest.approx(0.005, rel=0.1)


def test_the_first_generation_has_its_own_share_and_children_differ_by_mutations_alone(record) -> None:
    first, second = generations(record, 2, start=1.0, mutation=0.05, temperature=1e-6, elite=1)
    assert (first != 0).float().mean() > 0.99
    best = first[first.sum(-1).argmax()]
    assert (second != best).float().mean(-1).max() < 0.07


def test_the_best_survive_unchanged(record) -> None:
    first, second = generations(record, 2, mutation=0.05, elite=3)
    best = first[first.sum(-1).argsort(descending=True)[:3]]
    assert torch.equal(second[:3], best)


def test_at_a_low_temperature_only_the_best_has_children(record) -> None:
    first, second = generations(record, 2, mutation=0.05, temperature=1e-6, elite=1)
    best = first[first.sum(-1).argmax()]
    assert (second != best).float().mean(-1).max() < 0.07  # mutations alone


def test_a_child_has_half_of_its_samples_from_each_parent(record) -> None:
    first, second = generations(record, 2, mutation=0.5, temperature=1e6, elite=0, budget=LInf(1.0))
    shares = (second[:, None] == first[None]).float().mean(-1).sort(-1, descending=True).values
    # A mutation leaves half of the samples; two individuals are both unchanged in a quarter of them.
    crossed = shares[shares[:, 0] < 0.45]
    assert len(crossed) > SIZE // 2
    assert ((crossed[:, :2] - (0.25 + 0.25 * 0.25)).abs() < 0.04).all()
    assert ((crossed[:, 2:] - 0.25 * 0.5).abs() < 0.04).all()
