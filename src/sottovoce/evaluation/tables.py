"""Numbers and tables as the reports print them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from sottovoce.metrics import bootstrap_interval, mean_of_counted

MISSING = "–"


@dataclass(frozen=True)
class Value:
    """A mean over recordings with its 95 % bootstrap interval and how many recordings it counts."""

    mean: float
    low: float
    high: float
    counted: int
    total: int

    @classmethod
    def of(cls, values: Tensor, seed: int) -> "Value":
        """Of a float64 tensor `(recordings,)`, in which NaN is not counted."""
        if not len(values):
            return cls(math.nan, math.nan, math.nan, 0, 0)
        mean, counted, total = mean_of_counted(values)
        low, high = bootstrap_interval(values, generator=torch.Generator().manual_seed(seed))
        return cls(mean, low, high, counted, total)

    def text(self, digits: int = 1, factor: float = 1.0) -> str:
        if not self.counted:
            return MISSING
        mean, low, high = (f"{factor * value:.{digits}f}" for value in (self.mean, self.low, self.high))
        few = "" if self.counted == self.total else f", n={self.counted}"
        return f"{mean} [{low}, {high}{few}]"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
