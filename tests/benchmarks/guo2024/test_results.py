"""Means and error rates over rows."""

import pytest

from benchmarks.guo2024.plan import CORPORA, PER_SPEAKER, PER_UTTERANCE, Job
from benchmarks.guo2024.results import Results
from benchmarks.guo2024.signals import Signal
from sottovoce.evaluation.tables import MISSING

SIGNAL = Signal("adv", "ssed")
RATES = {"eer": 0.256, "low": 0.2, "high": 0.3, "min dcf": 1.0, "targets": 8.0, "others": 16.0}


@pytest.fixture
def results(plan) -> Results:
    voice = {"encoder": "ecapa", "condition": "rec-adv", "sex": "men"}
    rows = [
        {"file": "a", "snr": 30.0, "wer": 0.5},
        {"file": "b", "snr": 34.0},
        voice | RATES | {"trials": PER_UTTERANCE},
        voice | RATES | {"trials": PER_SPEAKER, "eer": 0.5},
    ]
    return Results(plan, {Job(plan, CORPORA[0], SIGNAL).name: rows})


def test_means_are_over_the_recordings_that_have_the_column(results) -> None:
    assert results.mean(SIGNAL, CORPORA[0], "snr").mean == 32 and results.mean(SIGNAL, CORPORA[0], "wer").total == 1
    assert results.deviation(SIGNAL, CORPORA[0], "snr") == "2.828"  # of 30 and 34: 4 / √2
    assert results.deviation(SIGNAL, CORPORA[0], "wer") == MISSING


def test_error_rates_are_looked_up_by_all_that_tells_them_apart(results) -> None:
    wanted = SIGNAL, CORPORA[0], "ecapa", "men"
    assert results.eer(*wanted, condition="rec-adv") == "25.60 [20.0, 30.0]"
    assert results.eer(*wanted, condition="rec-adv", trials=PER_SPEAKER) == "50.00 [20.0, 30.0]"
    assert results.eer(*wanted, condition="adv-adv") == MISSING
    assert results.eer(SIGNAL, CORPORA[1], "ecapa", "men", condition="rec-adv") == MISSING


def test_the_csv_has_a_line_per_error_rate(results) -> None:
    lines = results.csv().splitlines()
    assert len(lines) == 3 and lines[
        1
    ] == "adv-ssed@librispeech-test-clean,ecapa,per utterance,rec-adv,men," + ",".join(map(str, RATES.values()))
