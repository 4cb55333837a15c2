"""Means and tables as reports print them."""

import math

import torch

from sottovoce.evaluation.tables import MISSING, Value, table


def test_nan_is_not_counted_and_the_text_says_so() -> None:
    value = Value.of(torch.tensor([1.0, 3.0, math.nan], dtype=torch.float64), seed=0)
    assert (value.mean, value.counted, value.total) == (2, 2, 3) and 1 <= value.low <= 2 <= value.high <= 3
    assert value.text(2).startswith("2.00 [") and value.text().endswith(", n=2]")


def test_nothing_counted_is_a_dash() -> None:
    assert Value.of(torch.tensor([math.nan], dtype=torch.float64), seed=0).text() == MISSING
    assert Value.of(torch.empty(0), seed=0).text() == MISSING


def test_a_table_has_a_rule_below_its_head() -> None:
    assert table(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"
