"""A weight multiplies what an attack descends on, and nothing else."""

import pytest
import torch

from sottovoce.threats import AwayFrom, Speech, Weighted


def test_loss_and_distance_are_multiplied_and_success_is_not() -> None:
    cosines, unused, lengths = torch.tensor([-1.0, 0.3, 1.0]), torch.zeros(3, 10), torch.full((3,), 10)
    plain, double = AwayFrom(0.2), Weighted(AwayFrom(0.2), 2.0)
    for name in ("loss", "distance"):
        one, two = (getattr(each, name)(cosines, unused, lengths) for each in (plain, double))
        torch.testing.assert_close(two, 2 * one)
    assert torch.equal(double.met(cosines, unused, lengths), plain.met(cosines, unused, lengths))


def test_rows_are_those_of_the_objective() -> None:
    targets, lengths = torch.randn(3, 10, generator=torch.Generator().manual_seed(0)), torch.full((2,), 10)
    part = Weighted(Speech(targets), 0.5).rows(torch.tensor([2, 0]))
    assert part.loss(targets[[2, 0]], targets[[2, 0]], lengths).tolist() == [0.0, 0.0] and part.weight == 0.5


def test_a_negative_weight_is_refused() -> None:
    with pytest.raises(ValueError, match="weight must be"):
        Weighted(AwayFrom(), -1.0)
