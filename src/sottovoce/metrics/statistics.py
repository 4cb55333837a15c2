"""Means over examples that say how many they count and how sure they are."""

from typing import NamedTuple

import torch
from torch import Tensor


class CountedMean(NamedTuple):
    """A mean over those examples for which a metric is defined."""

    mean: float
    """NaN if none is counted."""
    counted: int
    """Examples with a value."""
    total: int
    """Examples with or without a value."""


class Interval(NamedTuple):
    """A confidence interval."""

    low: float
    high: float


def mean_of_counted(values: Tensor) -> CountedMean:
    """Mean of the values that are not NaN.

    Args:
        values: `(batch,)`. Infinite values count, and make the mean infinite.

    Returns:
        The mean, how many values went into it, and how many there are.
    """
    counted = values[~values.isnan()]
    return CountedMean(counted.mean().item(), len(counted), len(values))


def bootstrap_interval(
    values: Tensor, *, confidence: float = 0.95, resamples: int = 2000, generator: torch.Generator
) -> Interval:
    """Percentile bootstrap interval of the mean over examples (Efron and Tibshirani 1993, chapter 13).

    Args:
        values: `(batch,)`; NaN is left out.
        confidence: between 0 and 1.
        resamples: how often as many examples are drawn with replacement.
        generator: on the CPU.

    Returns:
        The interval; NaN if no value is left.
    """
    counted = values[~values.isnan()].to("cpu", torch.float64)
    size = len(counted)
    if not size:
        return Interval(float("nan"), float("nan"))
    means = torch.stack([counted[torch.randint(size, (size,), generator=generator)].mean() for _ in range(resamples)])
    tail = (1 - confidence) / 2
    low, high = means.quantile(torch.tensor([tail, 1 - tail], dtype=torch.float64)).tolist()
    return Interval(low, high)
