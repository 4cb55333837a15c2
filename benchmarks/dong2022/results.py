"""The enhancement bench's rows, and means over them."""

import csv
import io
import math

import torch

from benchmarks.dong2022.bench import CURVE, MG, TABLES
from benchmarks.dong2022.conditions import Condition
from benchmarks.rows import Row
from sottovoce.evaluation.tables import Value


class Results:
    """All rows of a run, for means by job and column."""

    def __init__(self, rows: dict[str, list[Row]], seed: int) -> None:
        self.rows, self.seed = rows, seed
        self.asked: list[tuple[str, str, Value]] = []

    def values(self, job: str, column: str) -> torch.Tensor:
        """A column of a job; NaN stands for what could not be computed; empty where the job is not measured.

        RPR is left out where it is ill-posed: a single such file can move the mean by thousands.
        """
        rows = self.rows.get(job, [])
        values = torch.tensor([float(row.get(column, math.nan)) for row in rows], dtype=torch.float64)
        name, _, measure = column.partition(" ")
        if measure.startswith("rpr"):
            ill_posed = torch.tensor([float(row[f"{name} ill-posed"]) for row in rows])
            values = values.where(ill_posed == 0, math.nan)
        return values

    def mean(self, job: str, column: str, minus: tuple[str, str] | None = None) -> Value:
        """The mean of a column, or of its difference from that of another job, recording by recording."""
        values = self.values(job, column)
        label = column
        if minus is not None:
            other = self.values(*minus)
            label = f"{column} - {minus[1]} of {minus[0]}"
            values = values - other if len(other) == len(values) else values[:0]
        value = Value.of(values, self.seed)
        if value.total:
            self.asked.append((job, label, value))
        return value

    def csv(self) -> str:
        """Everything that was asked for, a line per job and column."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["job", "column", "mean", "low", "high", "counted", "total"])
        for job, column, value in sorted(set(self.asked), key=lambda row: row[:2]):
            numbers = (f"{number:.6g}" for number in (value.mean, value.low, value.high))
            writer.writerow([job, column, *numbers, value.counted, value.total])
        return text.getvalue()


def at(condition: Condition, snr: int) -> str:
    """The name of a condition's job at a mixture SNR in dB."""
    return f"{condition.slug}@{snr}"


def degradation(results: Results, condition: Condition, listener: str, unit: str, snr: int) -> Value:
    """DE: the rise of the error rate behind an enhancer that the attack brings about."""
    return results.mean(at(condition, snr), f"{listener} {unit}", minus=(f"baseline@{snr}", f"{listener} {unit}"))


def curve_of(attack: str) -> list[Condition]:
    """Our settings of an attack on MetricGAN+ at all perturbation SNRs, the loudest first."""
    ours = [c for c in (*CURVE, *TABLES) if (c.attack, c.victim, c.setting) == (attack, MG, "ours")]
    return sorted(ours, key=lambda condition: condition.floor)
