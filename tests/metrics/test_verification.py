"""Error rates against scikit-learn's ROC and closed forms."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import norm
from sklearn.metrics import roc_curve

from sottovoce.metrics import eer, eer_interval, eer_threshold, error_rates, min_dcf


def trials(count: int, distance: float, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    same = torch.rand(count, generator=generator) < 0.3
    same[0], same[1] = True, False
    return torch.randn(count, generator=generator, dtype=torch.float64) + distance * same, same


@given(
    count=st.integers(4, 300), distance=st.floats(-1, 4), seed=st.integers(0, 999), digits=st.sampled_from([0, 1, 8])
)
def test_eer_is_where_scikit_learns_roc_crosses(count: int, distance: float, seed: int, digits: int) -> None:
    scores, same = trials(count, distance, seed)
    scores = (scores * 10**digits).round() / 10**digits  # few digits make ties
    alarms, hits, _ = roc_curve(same.numpy(), scores.numpy(), drop_intermediate=False)
    places = np.arange(len(alarms))
    crossing = brentq(lambda place: np.interp(place, places, 1 - hits - alarms), 0, places[-1])
    assert eer(scores, same) == pytest.approx(np.interp(crossing, places, alarms), abs=1e-9)
    misses, found = error_rates(scores, same)
    np.testing.assert_allclose(found.numpy(), alarms)
    np.testing.assert_allclose(misses.numpy(), 1 - hits)


def test_two_gaussians_have_the_eer_and_cost_that_the_error_function_gives() -> None:
    scores, same = trials(400_000, 2.0)
    assert eer(scores, same) == pytest.approx(norm.cdf(-1.0), abs=2e-3)
    thresholds = np.linspace(-3, 6, 2001)
    cost = 0.01 * norm.cdf(thresholds - 2) + 0.99 * norm.cdf(-thresholds)
    assert min_dcf(scores, same) == pytest.approx(cost.min() / 0.01, abs=1e-2)


def test_at_the_threshold_both_errors_are_about_the_equal_error_rate() -> None:
    scores, same = trials(50_000, 2.0)
    threshold = eer_threshold(scores, same)
    accepted = scores >= threshold
    assert (accepted & ~same).sum() / (~same).sum() == pytest.approx(eer(scores, same), abs=1e-3)
    assert (~accepted & same).sum() / same.sum() == pytest.approx(eer(scores, same), abs=1e-3)
    assert threshold == pytest.approx(1.0, abs=0.05)


def test_limits() -> None:
    same = torch.tensor([True, True, False, False])
    assert eer(torch.tensor([4.0, 3.0, 2.0, 1.0]), same) == 0
    assert eer(torch.tensor([1.0, 2.0, 3.0, 4.0]), same) == 1
    assert eer(torch.zeros(4), same) == 0.5
    assert min_dcf(torch.zeros(4), same) == 1
    assert eer(torch.tensor([4.0, 1.0, 3.0, 0.0]), same) == pytest.approx(0.5)


@pytest.mark.parametrize("scores", [[1.0, float("nan")], [1.0, 2.0]])
def test_what_has_no_error_rate(scores: list[float]) -> None:
    same = torch.tensor([True, not np.isnan(scores[1])])
    with pytest.raises(ValueError, match="needs trials"):
        eer(torch.tensor(scores), same)
    with pytest.raises(ValueError, match="one shape"):
        eer(torch.zeros(3), torch.ones(2).bool())


def test_the_interval_draws_speakers() -> None:
    scores, same = trials(2000, 2.0)
    speakers = torch.arange(2000) % 20
    generator = torch.Generator().manual_seed(0)
    low, high = eer_interval(scores, same, speakers, resamples=200, generator=generator)
    assert low < eer(scores, same) < high and 0.01 < high - low < 0.1
    # One speaker who is always mistaken widens it by far more than as many mistakes spread over all.
    flipped = torch.where(speakers == 0, -scores, scores)
    wide = eer_interval(flipped, same, speakers, resamples=200, generator=generator)
    assert wide.high - wide.low > 1.3 * (high - low)
