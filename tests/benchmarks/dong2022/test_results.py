"""Means over rows."""

import math

import pytest

from benchmarks.dong2022.plan import MG, TABLES, at
from benchmarks.dong2022.results import Results, degradation


def test_rpr_leaves_out_what_is_ill_posed() -> None:
    rows = [{f"{MG} rpr": value, f"{MG} ill-posed": flag} for value, flag in [(2.0, 0), (-900.0, 1), (4.0, 0)]]
    value = Results({"job": rows}, seed=0).mean("job", f"{MG} rpr")
    assert (value.mean, value.counted, value.total) == (3.0, 2, 3)


def test_the_snr_of_an_unchanged_file_does_not_count() -> None:
    value = Results({"job": [{"snr": 10.0}, {"snr": math.inf}, {"snr": 20.0}]}, seed=0).mean("job", "snr")
    assert (value.mean, value.counted, value.total) == (15.0, 2, 3)
    assert math.isfinite(value.low) and math.isfinite(value.high)


def test_degradation_is_paired_with_the_same_file_without_an_attack() -> None:
    rows = {
        "baseline@8": [{f"{MG} cer": 0.1}, {f"{MG} cer": 0.4}],
        at(TABLES[0], 8): [{f"{MG} cer": 0.6}, {f"{MG} cer": 0.9}],
    }
    value = degradation(Results(rows, seed=0), TABLES[0], MG, "cer", 8)
    assert (value.mean, value.low, value.high) == pytest.approx((0.5, 0.5, 0.5))


def test_what_was_not_measured_is_neither_a_mean_nor_in_the_summary() -> None:
    results = Results({}, seed=0)
    assert results.mean("nowhere", "snr").total == 0
    assert Results({"job": [{"snr": 10.0}]}, seed=0).mean("job", f"{MG} cer").total == 0
    assert results.summary.csv().count("\n") == 1


def test_figures_show_whisper_where_it_listened() -> None:
    assert Results({"baseline@8": [{"noisy cer": 0.2, "noisy whisper cer": 0.1}]}, seed=0).judge == "whisper "
    assert Results({"baseline@8": [{"noisy cer": 0.2}]}, seed=0).judge == ""


def test_a_recogniser_that_repeats_itself_counts_as_one_that_gets_everything_wrong() -> None:
    rows = [{f"{MG} whisper wer": rate, "snr": 20.0} for rate in (20.0, 0.5)]
    results = Results({"job": rows}, seed=0)
    assert results.mean("job", f"{MG} whisper wer").mean == 0.75 and results.mean("job", "snr").mean == 20
