"""Rows are kept by the names of their jobs."""

from operator import attrgetter
from types import SimpleNamespace

import pytest

from benchmarks.rows import load_rows, measure_missing
from sottovoce.errors import SottovoceError

ROWS = attrgetter("rows")  # other processes can be told of it


def job(name: str, **rows: object) -> SimpleNamespace:
    return SimpleNamespace(name=name, **rows)


def test_two_jobs_of_one_name_are_refused_before_any_work(tmp_path) -> None:
    with pytest.raises(SottovoceError, match="'a'"):
        measure_missing([job("a"), job("b"), job("a")], ROWS, tmp_path, workers=1)
    assert not list(tmp_path.iterdir())


def test_what_fails_is_said_and_what_is_done_is_kept(tmp_path) -> None:
    done = job("done", rows=[{"length": 3.0}])
    measure_missing([done], ROWS, tmp_path, workers=1)
    with pytest.raises(AttributeError, match="rows"):
        measure_missing([done, job("broken")], ROWS, tmp_path, workers=1)
    assert load_rows(tmp_path) == {"done": [{"length": 3.0}]}
