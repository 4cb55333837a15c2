import math

import pytest
import torch

from sottovoce.metrics import bootstrap_interval, mean_of_counted

NAN = float("nan")


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_mean_leaves_nan_out_and_says_so() -> None:
    assert mean_of_counted(torch.tensor([1.0, NAN, 4.0])) == (2.5, 2, 3)
    nothing = mean_of_counted(torch.tensor([NAN, NAN]))
    assert math.isnan(nothing.mean)
    assert (nothing.counted, nothing.total) == (0, 2)


@pytest.mark.parametrize(("confidence", "z"), [(0.95, 1.95996), (0.8, 1.28155)])
def test_bootstrap_agrees_with_the_normal_approximation(confidence: float, z: float) -> None:
    values = 3 + 2 * torch.randn(400, generator=seeded(0), dtype=torch.float64)
    low, high = bootstrap_interval(values, confidence=confidence, generator=seeded(1))
    mean, margin = values.mean().item(), z * values.std().item() / 20
    assert low == pytest.approx(mean - margin, abs=0.1 * margin)
    assert high == pytest.approx(mean + margin, abs=0.1 * margin)


def test_bootstrap_leaves_nan_out_and_repeats_itself() -> None:
    values = torch.randn(30, generator=seeded(0))
    with_nan = torch.cat([values, torch.full((70,), NAN)])
    interval = bootstrap_interval(values, generator=seeded(1))
    assert bootstrap_interval(with_nan, generator=seeded(1)) == interval
    assert bootstrap_interval(values, generator=seeded(2)) != interval


def test_bootstrap_of_almost_nothing() -> None:
    assert bootstrap_interval(torch.tensor([2.0]), generator=seeded(0)) == (2, 2)
    assert all(math.isnan(end) for end in bootstrap_interval(torch.tensor([NAN]), generator=seeded(0)))
