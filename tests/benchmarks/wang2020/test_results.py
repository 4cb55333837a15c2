"""Rates over rows."""

import math

import numpy as np

from benchmarks.wang2020.plan import Job
from benchmarks.wang2020.results import Results


def row(clip, before, after, snr=20.0):
    return {"clip": float(clip), "source": "down", "target": "up", "before": before, "after": after, "snr": snr}


def results(plan, *rows):
    return Results(plan, ("down", "up"), {Job(plan, "generator", "up").name: list(rows)})


def test_rates_count_clips_that_the_classifier_gets_right(commands) -> None:
    found = results(commands, row(0, "down", "up"), row(1, "down", "down"), row(2, "up", "up"))
    right = found.right("generator", "up")
    assert [each["clip"] for each in right] == [0, 1]
    assert found.mean(right, "hit", "generator").mean == found.mean(right, "misclassified", "generator").mean == 50
    assert np.array_equal(found.matrix(), [[np.nan, 50], [np.nan, np.nan]], equal_nan=True)


def test_a_clip_with_many_targets_counts_as_one(commands) -> None:
    rows = [row(0, "down", "up"), row(0, "down", "up"), row(0, "down", "up"), row(1, "down", "down")]
    value = results(commands, *rows).mean(rows, "hit", "generator")
    assert (value.mean, value.total) == (50, 2)


def test_the_snr_of_an_unchanged_clip_does_not_count(commands) -> None:
    rows = [row(0, "down", "up"), row(1, "down", "down", math.inf)]
    value = results(commands, *rows).mean(rows, "snr", "generator")
    assert (value.mean, value.counted, value.total) == (20, 1, 2)


def test_accuracy_is_over_all_clean_clips(commands) -> None:
    clean = [{"source": "up", "before": answer} for answer in ("up", "up", "up", "down")]
    assert Results(commands, ("down", "up"), {"clean-all": clean}).accuracy().mean == 75
