"""Means over examples, with counts and confidence intervals."""

from typing import NamedTuple

import torch
from torch import Tensor


class CountedMean(NamedTuple):
    """Mean over the examples for which a metric is defined."""

    mean: float
    """NaN if the metric is defined for none."""
    counted: int
    """Number of examples for which the metric is defined."""
    total: int
    """Number of all examples."""


class Interval(NamedTuple):
    """A confidence interval."""

    low: float
    high: float


def mean_of_counted(values: Tensor) -> CountedMean:
    """Mean of the values that are not NaN.

    Args:
        values: `(batch,)`. Infinite values count and make the mean infinite.

    Example:
        >>> mean_of_counted(torch.tensor([1.0, torch.nan, 4.0]))
        CountedMean(mean=2.5, counted=2, total=3)
    """
    counted = values[~values.isnan()]
    return CountedMean(counted.mean().item(), len(counted), len(values))


def bootstrap_interval(
    values: Tensor, *, confidence: float = 0.95, resamples: int = 2000, generator: torch.Generator
) -> Interval:
    """Percentile bootstrap interval of the mean over examples (Efron and Tibshirani, 1993, chapter 13).

    Args:
        values: `(batch,)`; NaN is ignored.
        confidence: between 0 and 1.
        resamples: number of resamples, each as large as the batch.
        generator: random number generator on the CPU.

    Returns:
        The interval; NaN at both ends if all values are NaN.

    Example:
        >>> interval = bootstrap_interval(torch.arange(100.0), generator=torch.Generator().manual_seed(0))
        >>> 40 < interval.low < 49.5 < interval.high < 59
        True
    """
    counted = values[~values.isnan()].to("cpu", torch.float64)
    size = len(counted)
    if not size:
        return Interval(float("nan"), float("nan"))
    means = torch.stack([counted[torch.randint(size, (size,), generator=generator)].mean() for _ in range(resamples)])
    tail = (1 - confidence) / 2
    low, high = means.quantile(torch.tensor([tail, 1 - tail], dtype=torch.float64)).tolist()
    return Interval(low, high)


def wilcoxon(first: Tensor, second: Tensor) -> float:
    """Two-sided Wilcoxon signed-rank test that paired values come from one distribution (Wilcoxon, 1945), by SciPy.

    Args:
        first, second: `(batch,)`; pairs with a NaN are left out.

    Returns:
        The p-value: 1 if no pair differs, NaN if there is no pair.

    Example:
        >>> wilcoxon(torch.arange(6.0), torch.arange(6.0) + 1)
        0.03125
    """
    from scipy import stats

    differences = (first - second).to("cpu", torch.float64)
    differences = differences[~differences.isnan()]
    if not len(differences):
        return float("nan")
    return float(stats.wilcoxon(differences.numpy()).pvalue) if differences.any() else 1.0
