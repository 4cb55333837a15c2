"""Means over rows."""

import math

import torch

from benchmarks.dong2022.conditions import Condition
from benchmarks.dong2022.plan import CURVE_SNR, WHISPER, at
from benchmarks.rows import Row
from benchmarks.summary import Summary
from sottovoce.evaluation.tables import Value


class Results:
    """The rows of a run by job name, and means over them."""

    def __init__(self, rows: dict[str, list[Row]], seed: int) -> None:
        self.rows, self.seed = rows, seed
        self.summary = Summary("job", "column")

    @property
    def judge(self) -> str:
        """What precedes the names of error rates that figures show: Whisper's if it listened, or pocketsphinx's."""
        heard = self.rows.get(f"baseline@{CURVE_SNR}", [])
        return f"{WHISPER} " if any(f"noisy {WHISPER} cer" in row for row in heard) else ""

    def values(self, job: str, column: str) -> torch.Tensor:
        """A column of a job, empty if it was not measured; NaN is what does not count.

        RPR does not count where it is ill-posed, as one such file can move the mean by thousands; nor does the SNR of a
        file that the attack left unchanged. An error rate counts at most 1: a Whisper that is lost repeats itself, and
        one such file has a rate of 20.
        """
        rows = [row for row in self.rows.get(job, []) if column in row]
        values = torch.tensor([float(row[column]) for row in rows], dtype=torch.float64)
        name, _, measure = column.partition(" ")
        if measure.startswith("rpr"):
            ill_posed = torch.tensor([float(row[f"{name} ill-posed"]) for row in rows])
            values = values.where(ill_posed == 0, math.nan)
        if column.endswith((" cer", " wer")):
            return values.clamp(max=1.0)
        return values.where(values.isfinite(), math.nan) if column == "snr" else values

    def mean(self, job: str, column: str, minus: tuple[str, str] | None = None) -> Value:
        """The mean of a column, or of its difference from a column of another job, file by file."""
        values = self.values(job, column)
        label = column
        if minus is not None:
            other = self.values(*minus)
            label = f"{column} - {minus[1]} of {minus[0]}"
            values = values - other if len(other) == len(values) else values[:0]
        return self.summary.add(Value.of(values, self.seed), job, label)


def degradation(results: Results, condition: Condition, listener: str, unit: str, snr: int) -> Value:
    """DE: how much the attack raises the error rate behind an enhancer."""
    return results.mean(at(condition, snr), f"{listener} {unit}", minus=(f"baseline@{snr}", f"{listener} {unit}"))
