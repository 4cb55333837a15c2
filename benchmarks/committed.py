"""What a benchmark has left in the repository: means, rows, and the tables of its report."""

import csv
import math
from functools import cached_property
from pathlib import Path

from benchmarks.claims import UNMEASURED, in_percent
from benchmarks.rows import Row, read_rows
from sottovoce.evaluation.tables import MISSING, Value

FIGURES = ("mean", "low", "high", "counted", "total")


class Committed:
    """What the benchmark `name` has left in its folders of `results` and `rows`; nothing need be there."""

    def __init__(self, name: str, results: Path, rows: Path) -> None:
        self._report, self._means = (results / name / f"{name}.{suffix}" for suffix in ("md", "csv"))
        self._folder = rows / name

    def mean(self, *labels: str) -> Value:
        """The mean with these labels."""
        return self._by_labels.get(labels, UNMEASURED)

    def percentage(self, *labels: str) -> Value:
        """The mean with these labels, a rate, in %."""
        return in_percent(self.mean(*labels))

    def rows(self) -> dict[str, list[Row]]:
        """All rows by job name, whatever their plan: it was checked when they were measured.

        Raises:
            SottovoceError: a file holds no rows.
        """
        return {path.stem: read_rows(path)[1] for path in sorted(self._folder.glob("*.json"))}

    def cell(self, line: str, column: str) -> str:
        """A cell of the report's first table that has the line and the column, for what the means leave out."""
        head: list[str] = []
        for text in self._report.read_text(encoding="utf-8").splitlines() if self._report.exists() else ():
            cells = [cell.strip() for cell in text.strip("|").split("|")] if text.startswith("|") else []
            head = head if head and cells else cells
            if column in head and cells[0] == line:
                return cells[head.index(column)]
        return MISSING

    def number(self, line: str, column: str, count: int) -> Value:
        """A cell that holds a mean of `count` recordings without an interval."""
        try:
            return Value(float(self.cell(line, column)), math.nan, math.nan, count, count)
        except ValueError:
            return UNMEASURED

    @cached_property
    def _by_labels(self) -> dict[tuple[str, ...], Value]:
        if not self._means.exists():
            return {}
        with self._means.open(encoding="utf-8", newline="") as file:
            return dict(map(_labelled, csv.DictReader(file)))


def _labelled(line: dict[str, str]) -> tuple[tuple[str, ...], Value]:
    mean, low, high = (float(line[name]) for name in FIGURES[:3])
    value = Value(mean, low, high, int(line["counted"]), int(line["total"]))
    return tuple(text for name, text in line.items() if name not in FIGURES), value
