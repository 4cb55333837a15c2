"""Step sizes over a training."""

from itertools import pairwise

import pytest
import torch

from sottovoce.training.schedule import one_cycle, set_step_size


def test_the_cycle_rises_and_falls() -> None:
    values = [one_cycle(step / 100, 0.1) for step in range(101)]
    assert max(values) == pytest.approx(1.0, abs=0.01) and values.index(max(values)) == 10
    assert values[-1] < 0.02 and all(a >= b for a, b in pairwise(values[10:]))


def test_all_groups_of_all_optimisers_get_the_step_size() -> None:
    weights = [torch.nn.Parameter(torch.zeros(1)) for _ in range(3)]
    groups = torch.optim.SGD([{"params": weights[:1]}, {"params": weights[1:2], "lr": 2.0}], lr=1.0)
    other = torch.optim.SGD(weights[2:], lr=1.0)
    for weight in weights:
        weight.grad = torch.ones(1)
    set_step_size(0.25, groups, other)
    groups.step()
    other.step()
    assert [weight.item() for weight in weights] == [-0.25] * 3
