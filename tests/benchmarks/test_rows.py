"""Rows are kept by the names of their jobs."""

from dataclasses import dataclass

import pytest

from sottovoce.benchmarks.rows import load_rows, measure_missing
from sottovoce.errors import SottovoceError


@dataclass(frozen=True)
class Job:
    name: str


def measure(job: Job) -> list[dict[str, float | str]]:
    if job.name == "broken":
        raise SottovoceError("broken")
    return [{"length": float(len(job.name))}]


def test_two_jobs_of_one_name_are_refused_before_any_work(tmp_path) -> None:
    with pytest.raises(SottovoceError, match="'a'"):
        measure_missing([Job("a"), Job("b"), Job("a")], measure, tmp_path, workers=1)
    assert not list(tmp_path.iterdir())


def test_what_fails_is_said_and_what_is_done_is_kept(tmp_path) -> None:
    measure_missing([Job("abc")], measure, tmp_path, workers=1)
    with pytest.raises(SottovoceError, match="broken"):
        measure_missing([Job("abc"), Job("broken")], measure, tmp_path, workers=1)
    assert load_rows(tmp_path) == {"abc": [{"length": 3.0}]}
