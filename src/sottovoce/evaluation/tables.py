"""Means and Markdown tables of reports."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from sottovoce.metrics import bootstrap_interval, mean_of_counted

MISSING = "–"


@dataclass(frozen=True)
class Value:
    """A mean over recordings, its 95 % bootstrap interval, and how many of the recordings it counts.

    Example:
        >>> Value(mean=0.25, low=0.2, high=0.3, counted=9, total=10).text(factor=100)
        '25.0 [20.0, 30.0, n=9]'
    """

    mean: float
    low: float
    high: float
    counted: int
    total: int

    @classmethod
    def of(cls, values: Tensor, seed: int) -> "Value":
        """The mean of a float64 tensor `(recordings,)`, without its NaNs; `seed` is for the bootstrap."""
        if not len(values):
            return cls(math.nan, math.nan, math.nan, 0, 0)
        mean, counted, total = mean_of_counted(values)
        low, high = bootstrap_interval(values, generator=torch.Generator().manual_seed(seed))
        return cls(mean, low, high, counted, total)

    def text(self, digits: int = 1, factor: float = 1.0) -> str:
        """The mean and its interval, times `factor`; a dash if nothing was counted."""
        if not self.counted:
            return MISSING
        mean, low, high = (f"{factor * value:.{digits}f}" for value in (self.mean, self.low, self.high))
        few = "" if self.counted == self.total else f", n={self.counted}"
        return f"{mean} [{low}, {high}{few}]"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def percent(rate: float) -> str:
    """A word error rate; a dash where there is none."""
    return MISSING if math.isnan(rate) else f"{100 * rate:.1f} %"
