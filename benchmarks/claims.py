"""A paper's claims, each with the published figures and ours."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch

from sottovoce.evaluation.tables import Value

UNMEASURED = Value.of(torch.empty(0), seed=0)


@dataclass(frozen=True)
class Figure:
    """A published figure and ours.

    Attributes:
        paper: what the paper prints.
        ours: what we measured, in the same unit; it counts nothing if there is no measurement.
        label: what tells it from the other figures of a claim, such as "8 dB".
        start: the paper's mean and ours before the paper's method is applied, NaN if we did not measure it; the two
            changes are then compared.
    """

    paper: float
    ours: Value
    label: str = ""
    start: tuple[float, float] | None = None

    @property
    def measured(self) -> bool:
        """Whether there is anything to compare."""
        return bool(self.ours.counted and (self.start is None or not math.isnan(self.start[1])))


@dataclass(frozen=True)
class Claim:
    """Figures of one kind.

    Attributes:
        where: the table or figure of the paper.
        what: what was measured, and by whom it was heard.
        figures: the figures.
        better: which figures are better; None if ours cannot be compared with the paper's.
        reason: why ours may be worse, or why they cannot be compared; one sentence.
        digits: decimals that are printed; figures are compared as they are printed.
    """

    where: str
    what: str
    figures: tuple[Figure, ...]
    better: Literal["higher", "lower"] | None
    reason: str = ""
    digits: int = 2

    def met(self, figure: Figure) -> bool | None:
        """Whether ours is at least as good as the paper's; None if that cannot be said."""
        if self.better is None or not figure.measured:
            return None
        ahead = self._printed(figure.ours.mean) - self._printed(figure.paper)
        if figure.start is not None:
            theirs, ours = figure.start
            ahead += self._printed(theirs) - self._printed(ours)
        ahead = self._printed(ahead)  # without the rounding errors of the differences
        return ahead >= 0 if self.better == "higher" else ahead <= 0

    def _printed(self, figure: float) -> float:
        return round(figure, self.digits)


@dataclass(frozen=True)
class Paper:
    """A paper.

    Attributes:
        name: name of its benchmark.
        cited: authors and year.
        setting: the data and the listeners, the paper's and ours.
        claims: what is compared.
    """

    name: str
    cited: str
    setting: str
    claims: Sequence[Claim]


def in_percent(value: Value) -> Value:
    """A rate in %."""
    mean, low, high = (100 * rate for rate in (value.mean, value.low, value.high))
    return Value(mean, low, high, value.counted, value.total)
