"""Means and error rates over rows."""

import torch

from benchmarks.guo2024.plan import PER_UTTERANCE, Job, Plan
from benchmarks.guo2024.signals import Signal
from benchmarks.rows import Row, stem
from benchmarks.summary import csv_text
from sottovoce.evaluation.tables import MISSING, Value


class Results:
    """The rows of a run."""

    def __init__(self, plan: Plan, rows: dict[str, list[Row]]) -> None:
        self.plan, self.rows = plan, rows

    def mean(self, signal: Signal | None, corpus: str, column: str) -> Value:
        """The mean over the recordings that have the column."""
        return Value.of(self._column(signal, corpus, column), self.plan.seed)

    def deviation(self, signal: Signal, corpus: str, column: str) -> str:
        """The standard deviation over recordings."""
        found = self._column(signal, corpus, column)
        return f"{found.std():.3f}" if len(found) > 1 else MISSING

    def eer(self, signal: Signal, corpus: str, encoder: str, who: str, **wanted: str) -> str:
        """The EER in % with its interval.

        Args:
            signal, corpus, encoder: what was tested.
            who: "men", "women" or "all".
            wanted: the condition and the list of trials.
        """
        asked = {"encoder": stem(encoder), "sex": who, "trials": PER_UTTERANCE, **wanted}
        for row in self._of(signal, corpus):
            if all(row.get(key) == value for key, value in asked.items()):
                rate, low, high = (100 * float(row[key]) for key in ("eer", "low", "high"))
                return f"{rate:.2f} [{low:.1f}, {high:.1f}]"
        return MISSING

    def csv(self) -> str:
        """A line for every error rate."""
        columns = ("encoder", "trials", "condition", "sex", "eer", "low", "high", "min dcf", "targets", "others")
        lines = [[job, *(row[c] for c in columns)] for job, rows in self.rows.items() for row in rows if "eer" in row]
        return csv_text(["job", *columns], lines)

    def _of(self, signal: Signal | None, corpus: str) -> list[Row]:
        return self.rows.get(Job(self.plan, corpus, signal).name, [])

    def _column(self, signal: Signal | None, corpus: str, column: str) -> torch.Tensor:
        found = [float(row[column]) for row in self._of(signal, corpus) if column in row]
        return torch.tensor(found, dtype=torch.float64)
