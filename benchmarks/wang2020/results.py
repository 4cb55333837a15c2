"""Rates and means over rows."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.rows import Row
from benchmarks.summary import Summary
from benchmarks.wang2020.plan import GENERATOR, Example, Families, Job, Plan, Timing
from sottovoce.evaluation.tables import Value


class Results:
    """The rows of one domain."""

    def __init__(self, plan: Plan, labels: Sequence[str], rows: dict[str, list[Row]]) -> None:
        self.plan, self.labels, self.rows = plan, labels, rows
        self.summary = Summary("domain", "method", "clips", "target", "column")

    def clean(self) -> list[Row]:
        """The classifier on clean clips."""
        return self.rows.get(Job(self.plan, "", "all").name, [])

    def times(self) -> list[Row]:
        """What the timing gave."""
        return self.rows.get(Timing(self.plan).name, [])

    def example(self) -> list[Row]:
        """The signals of figure 7."""
        return self.rows.get(Example(self.plan).name, [])

    def right(self, method: str, target: str = "") -> list[Row]:
        """A method on clips that the classifier gets right, towards one target or all."""
        targets = [target] if target else self.labels
        rows = [row for label in targets for row in self.rows.get(Job(self.plan, method, label).name, [])]
        return [row for row in rows if row["before"] == row["source"]]

    def family(self, name: str) -> list[Row]:
        """The generator's clips and those in noise, as a classifier hears them, whether it gets them right or not."""
        rows = [row for label in self.labels for row in self.rows.get(Families(self.plan, label).name, [])]
        return [row for row in rows if row["family"] == name]

    def accuracy(self) -> Value:
        """Clean clips that the classifier gets right, in %."""
        right = [100.0 * (row["source"] == row["before"]) for row in self.clean()]
        value = Value.of(torch.tensor(right, dtype=torch.float64), self.plan.seed)
        return self.summary.add(value, self.plan.domain, "clean", "all", "", "accuracy")

    def mean(self, rows: Sequence[Row], column: str, method: str, clips: str = "all", target: str = "") -> Value:
        """The mean of a column over clips, after the mean of each clip over its targets.

        Args:
            rows: what to average.
            column: a column, "hit" (100 if the answer is the target) or "misclassified" (100 if it is not the source).
            method, clips, target: labels in the CSV.
        """
        by_clip: dict[float, list[float]] = {}
        for row in rows:
            by_clip.setdefault(float(row["clip"]), []).append(_number(row, column))
        means = [sum(own) / len(own) for own in by_clip.values()]
        value = Value.of(torch.tensor(means, dtype=torch.float64), self.plan.seed)
        return self.summary.add(value, self.plan.domain, method, clips, target, column)

    def matrix(self) -> NDArray[np.float64]:
        """The generator's hits in % by source and target; NaN on the diagonal and where nothing is known."""
        rates = np.full((len(self.labels), len(self.labels)), np.nan)
        for column, target in enumerate(self.labels):
            rows = self.right(GENERATOR, target)
            for line, source in enumerate(self.labels):
                own = [row["after"] == target for row in rows if row["source"] == source]
                if own:
                    rates[line, column] = 100 * float(np.mean(own))
        return rates


def _number(row: Row, column: str) -> float:
    if column == "hit":
        return 100.0 * (row["after"] == row["target"])
    if column == "misclassified":
        return 100.0 * (row["after"] != row["source"])
    value = float(row[column])
    return value if math.isfinite(value) else math.nan
