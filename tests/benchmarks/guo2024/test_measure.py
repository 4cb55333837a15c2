"""Measurements on tiny models."""

import math

import pytest

from benchmarks.guo2024.measure import measure
from benchmarks.guo2024.plan import CORPORA, PER_SPEAKER, PER_UTTERANCE, Job, signals
from benchmarks.guo2024.signals import Signal


def test_a_recording_tested_as_it_is_is_perfect(plan, tmp_path) -> None:
    rows = measure(Job(plan, CORPORA[0], Signal("rec")), tmp_path)
    recordings = [row for row in rows if "snr" in row]
    assert len(recordings) == 8
    assert all(row["snr"] == math.inf and row["pitch"] == pytest.approx(1) for row in recordings)
    pooled = [row for row in rows if row.get("sex") == "all" and row["trials"] == PER_UTTERANCE]
    assert [row["condition"] for row in pooled] == ["rec-rec"]
    assert pooled[0]["targets"] == 8 and pooled[0]["others"] == 16
    assert 0 <= pooled[0]["low"] <= pooled[0]["eer"] <= pooled[0]["high"] <= 1


def test_optimisation_is_measured_on_the_published_list_alone(plan, tmp_path) -> None:
    rows = measure(Job(plan, CORPORA[1], signals(plan)[-1]), tmp_path)
    assert sum("snr" in row for row in rows) == 4
    assert {row["trials"] for row in rows if "eer" in row} == {PER_SPEAKER}
