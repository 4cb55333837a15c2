"""Means over rows."""

from collections.abc import Sequence

import torch

from benchmarks.rows import Row
from benchmarks.summary import Summary
from benchmarks.yang2020.plan import Job, Plan, Timing
from sottovoce.evaluation.tables import Value


class Results:
    """The rows of a run."""

    def __init__(self, plan: Plan, rows: dict[str, list[Row]]) -> None:
        self.plan, self.rows = plan, rows
        self.summary = Summary("jobs", "system", "column")

    def of(self, job: Job | Timing) -> list[Row]:
        """The rows of a job, none if it was not measured."""
        return self.rows.get(job.name, [])

    def mean(self, jobs: Sequence[Job], column: str, system: str | None = None) -> Value:
        """The mean over the recordings of all jobs, or only over the rows of one system."""
        found = [
            float(row[column]) for job in jobs for row in self.of(job) if system is None or row["system"] == system
        ]
        value = Value.of(torch.tensor(found, dtype=torch.float64), self.plan.seed)
        return self._noted(value, jobs, system, column)

    def gain(self, job: Job, system: str) -> Value:
        """How much a system raises the SNR of noisy files, in dB."""
        before = {row["file"]: float(row["snr"]) for row in self.of(job) if not row["system"]}
        gains = [float(row["snr"]) - before[row["file"]] for row in self.of(job) if row["system"] == system]
        value = Value.of(torch.tensor(gains, dtype=torch.float64), self.plan.seed)
        return self._noted(value, [job], system, "snr gain")

    def _noted(self, value: Value, jobs: Sequence[Job], system: str | None, column: str) -> Value:
        names = " ".join(job.name for job in jobs)
        return self.summary.add(value, names, "" if system is None else system or "nothing", column)
