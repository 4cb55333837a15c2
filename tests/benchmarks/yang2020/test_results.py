"""Means over rows."""

import pytest

from benchmarks.yang2020.plan import Job, Plan
from benchmarks.yang2020.results import Results


def test_gains_are_paired_by_file(recognition: Plan) -> None:
    job = Job(recognition, "noise", what="5")
    rows = [
        {"system": "", "file": "a", "snr": 5.0},
        {"system": "", "file": "b", "snr": 4.0},
        {"system": "dnn", "file": "b", "snr": 10.0},
        {"system": "dnn", "file": "a", "snr": 11.0},
    ]
    results = Results(recognition, {job.name: rows})
    value = results.gain(job, "dnn")
    assert (value.mean, value.low, value.high) == pytest.approx((6, 6, 6))
    assert results.mean([job], "snr").mean == 7.5 and results.mean([job], "snr", "").mean == 4.5
    lines = results.summary.csv().splitlines()[1:]
    assert [line.split(",")[:3] for line in lines] == [
        ["noise-5", "", "snr"],
        ["noise-5", "dnn", "snr gain"],
        ["noise-5", "nothing", "snr"],
    ]


def test_means_pool_the_rows_of_all_jobs(recognition: Plan) -> None:
    jobs = [Job(recognition, "noise", what=str(snr)) for snr in (0, 5)]
    results = Results(recognition, {job.name: [{"system": "", "snr": float(job.what)}] for job in jobs})
    assert results.mean(jobs, "snr", "").mean == 2.5 and results.mean(jobs, "snr", "dnn").total == 0
