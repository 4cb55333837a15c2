"""When a figure of ours is as good as a paper's."""

import math

import pytest

from benchmarks.claims import UNMEASURED, Claim, Figure, in_percent
from sottovoce.evaluation.tables import Value


def value(mean: float) -> Value:
    return Value(mean, mean - 1, mean + 1, 9, 9)


@pytest.mark.parametrize(
    ("ours", "higher", "lower"),
    [(4.0, True, False), (2.0, False, True), (3.0, True, True), (2.96, True, True), (2.94, False, True)],
)
def test_higher_or_lower_is_better_and_figures_count_as_printed(ours: float, higher: bool, lower: bool) -> None:
    figure = Figure(3.0, value(ours))
    assert Claim("table 1", "SNR", (figure,), "higher", digits=1).met(figure) is higher
    assert Claim("table 1", "EER", (figure,), "lower", digits=1).met(figure) is lower


@pytest.mark.parametrize(("before", "higher", "lower"), [(1.0, False, True), (0.0, True, True), (-1.0, True, False)])
def test_changes_are_compared_where_there_is_a_start(before: float, higher: bool, lower: bool) -> None:
    """The paper rises by 3 to a lower value than ours, which rises by 2, 3 and 4."""
    figure = Figure(2.0, value(3.0), start=(-1.0, before))
    assert Claim("figure 3", "CER", (figure,), "higher").met(figure) is higher
    assert Claim("figure 3", "CER", (figure,), "lower").met(figure) is lower


@pytest.mark.parametrize(
    "figure", [Figure(2.0, UNMEASURED), Figure(2.0, value(3.0), start=(1.0, math.nan))], ids=["ours", "our start"]
)
def test_nothing_is_said_of_what_was_not_measured(figure: Figure) -> None:
    assert Claim("table 1", "SNR", (figure,), "higher").met(figure) is None


def test_nothing_is_said_of_what_cannot_be_compared() -> None:
    figure = Figure(1.25, value(5.0))
    assert Claim("figure 4", "RPR", (figure,), None, "It depends on the unit.").met(figure) is None


def test_a_rate_becomes_percent_and_keeps_its_counts() -> None:
    assert in_percent(Value(0.5, 0.25, 0.75, 8, 9)) == Value(50.0, 25.0, 75.0, 8, 9)
