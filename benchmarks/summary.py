"""The means that a report shows, as CSV."""

import csv
import io
from collections.abc import Iterable, Sequence

from sottovoce.evaluation.tables import Value


class Summary:
    """Collects the means of a report.

    Args:
        labels: names of the columns that say what a mean is about.
    """

    def __init__(self, *labels: str) -> None:
        self._labels = labels
        self._values: dict[tuple[str, ...], Value] = {}

    def add(self, value: Value, *labels: str) -> Value:
        """Note a mean, unless nothing was measured; gives it back."""
        if value.total:
            self._values[labels] = value
        return value

    def csv(self) -> str:
        """A line for each mean, sorted by its labels."""
        lines = [
            [*labels, *(f"{x:.6g}" for x in (value.mean, value.low, value.high)), value.counted, value.total]
            for labels, value in sorted(self._values.items(), key=lambda item: item[0])
        ]
        return csv_text([*self._labels, "mean", "low", "high", "counted", "total"], lines)


def csv_text(head: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    """A table as the text of a CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(lines)
    return text.getvalue()
