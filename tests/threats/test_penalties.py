"""Penalties against closed forms."""

import math

import pytest
import torch
from torch import Tensor

from sottovoce.audio import pad
from sottovoce.threats import LogMelChange, MeanSquare, Penalty

PENALTIES = pytest.mark.parametrize("penalty", [MeanSquare(), LogMelChange()], ids=["square", "log-mel"])


def noise(*shape: int, seed: int = 0) -> Tensor:
    return 0.1 * torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_mean_square_is_over_each_rows_own_samples() -> None:
    originals, lengths = pad([noise(1000), noise(400)])
    change = torch.zeros_like(originals)
    change[0, :10], change[1, :10] = 0.5, 0.5
    assert MeanSquare()(originals + change, originals, lengths).tolist() == pytest.approx([0.0025, 0.00625])


def test_a_gain_moves_every_band_by_its_square() -> None:
    original, lengths = noise(1, 16_000), torch.tensor([16_000])
    cost = LogMelChange(weight=0.5, floor=1e-9)(1.3 * original, original, lengths).item()
    assert cost == pytest.approx(0.5 * (2 * math.log(1.3)) ** 2, rel=1e-3)


def test_what_stays_under_the_floor_costs_little() -> None:
    tone = 0.5 * torch.sin(2 * torch.pi * 1000 * torch.arange(16_000) / 16_000)[None]
    quiet = tone + 1e-4 * noise(1, 16_000)
    lengths = torch.tensor([16_000])
    assert LogMelChange()(quiet, tone, lengths).item() < 1e-6
    assert LogMelChange(floor=1e-14)(quiet, tone, lengths).item() > 1e-2


@PENALTIES
def test_no_change_costs_nothing_and_has_a_finite_gradient(penalty: Penalty) -> None:
    originals, lengths = pad([noise(2000), torch.zeros(1500)])
    candidates = originals.clone().requires_grad_()
    costs = penalty(candidates, originals, lengths)
    costs.sum().backward()
    assert costs.tolist() == [0, 0]
    assert candidates.grad is not None and candidates.grad.isfinite().all()


@PENALTIES
def test_a_padded_row_costs_what_it_costs_alone(penalty: Penalty) -> None:
    sizes = [1501, 4000, 700]
    originals, lengths = pad([noise(size, seed=size) for size in sizes])
    candidates, _ = pad([noise(size, seed=size + 1) for size in sizes])
    costs = penalty(candidates, originals, lengths)
    for row, size in enumerate(sizes):
        alone = penalty(candidates[row : row + 1, :size], originals[row : row + 1, :size], torch.tensor([size]))
        torch.testing.assert_close(costs[row], alone[0], rtol=1e-4, atol=1e-7)
