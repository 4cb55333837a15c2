"""Means of a report as CSV."""

import csv
import io

import pytest
import torch

from benchmarks.summary import Summary, csv_text
from sottovoce.evaluation.tables import Value


def test_every_mean_is_a_line_once_and_nothing_unmeasured_is() -> None:
    summary = Summary("job", "column")
    value = summary.add(Value.of(torch.tensor([1.0, 2.0, float("nan")], dtype=torch.float64), seed=0), "b", "snr")
    summary.add(value, "b", "snr")
    summary.add(Value.of(torch.empty(0), seed=0), "a", "nothing")
    summary.add(Value(4.0, 3.0, 5.0, 2, 2), "a", "snr")
    rows = list(csv.DictReader(io.StringIO(summary.csv())))
    assert [(row["job"], row["column"]) for row in rows] == [("a", "snr"), ("b", "snr")]
    assert float(rows[1]["mean"]) == pytest.approx(1.5)
    assert (rows[1]["counted"], rows[1]["total"]) == ("2", "3")


def test_cells_with_commas_are_quoted() -> None:
    assert csv_text(["name"], [["detached, normalised"]]) == 'name\n"detached, normalised"\n'
