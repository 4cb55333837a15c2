"""Rows are kept by the names of their jobs, with their plan."""

import json
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks.rows import describe, load_rows, measure_missing, save_rows, stem
from sottovoce import __version__
from sottovoce.errors import SottovoceError

ROWS = attrgetter("rows")  # processes can import it


@dataclass(frozen=True)
class Plan:
    data: Path = Path("/somewhere/data")
    models: tuple[str, ...] = ("segan", "/home/somebody/mine.safetensors")
    dtln: Path | None = None
    count: int = 25
    snr: float = 10.0
    seed: int = 0


PLAN = Plan()


def job(name: str, **rows: object) -> SimpleNamespace:
    return SimpleNamespace(name=name, **rows)


def test_two_jobs_of_one_name_are_refused_before_any_work(tmp_path) -> None:
    with pytest.raises(SottovoceError, match="'a'"):
        measure_missing([job("a"), job("b"), job("a")], ROWS, tmp_path, PLAN, workers=1)
    assert not list(tmp_path.iterdir())


def test_failures_are_raised_and_finished_jobs_are_kept(tmp_path) -> None:
    done = job("done", rows=[{"length": 3.0}])
    measure_missing([done], ROWS, tmp_path, PLAN, workers=1)
    with pytest.raises(AttributeError, match="rows"):
        measure_missing([done, job("broken")], ROWS, tmp_path, PLAN, workers=1)
    assert load_rows(tmp_path, PLAN) == {"done": [{"length": 3.0}]}


def test_a_rerun_measures_what_is_missing_and_nothing_else(tmp_path) -> None:
    save_rows(tmp_path, "old", PLAN, [{"length": 1.0}])
    measure_missing([job("old"), job("new", rows=[{"length": 2.0}])], ROWS, tmp_path, PLAN, workers=1)
    assert load_rows(tmp_path, PLAN) == {"old": [{"length": 1.0}], "new": [{"length": 2.0}]}


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (replace(PLAN, count=3, seed=9), ("count 25, seed 0", "count 3, seed 9")),
        (replace(PLAN, snr=5.0), ("snr 10.0", "snr 5.0")),
        (replace(PLAN, models=("segan",)), ("['segan', 'mine']", "['segan']")),
        (replace(PLAN, dtln=Path("dtln")), ("dtln None", "dtln dtln")),
    ],
)
def test_reruns_and_reports_refuse_rows_of_another_plan(other, told, tmp_path) -> None:
    save_rows(tmp_path, "old", PLAN, [{"length": 1.0}])
    for attempt in (
        lambda: load_rows(tmp_path, other),
        lambda: measure_missing([job("old"), job("new")], ROWS, tmp_path, other, workers=1),
    ):
        with pytest.raises(SottovoceError, match=r"old\.json") as error:
            attempt()
        assert all(words in str(error.value) for words in (*told, "--rows", "delete")) and "\n" not in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ["old.json"]


def test_rows_of_another_version_are_refused(tmp_path, monkeypatch) -> None:
    save_rows(tmp_path, "old", PLAN, [])
    monkeypatch.setattr("benchmarks.rows.__version__", "99.0")
    with pytest.raises(SottovoceError, match=f"version {__version__}, but .* version 99.0"):
        load_rows(tmp_path, PLAN)


def test_other_machines_can_go_on_because_paths_are_kept_without_their_folders(tmp_path) -> None:
    save_rows(tmp_path, "old", PLAN, [{"length": 1.0}])
    moved = replace(PLAN, data=Path("elsewhere/data"), models=("segan", "mine.safetensors"))
    assert load_rows(tmp_path, moved) == {"old": [{"length": 1.0}]}
    assert "somewhere" not in (tmp_path / "old.json").read_text()
    assert describe(PLAN)["models"] == ["segan", "mine"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"plan": 3, "rows": []}', '{"rows": []}', "[{}]"])
def test_files_without_rows_are_refused(text, tmp_path) -> None:
    (tmp_path / "old.json").write_text(text)
    with pytest.raises(SottovoceError, match=r"old\.json: not a file of measured rows"):
        load_rows(tmp_path, PLAN)


def test_rows_keep_what_json_has_no_number_for(tmp_path) -> None:
    save_rows(tmp_path, "odd", PLAN, [{"snr": float("inf"), "pesq": float("nan")}])
    (row,) = load_rows(tmp_path, PLAN)["odd"]
    assert row["snr"] == float("inf") and row["pesq"] != row["pesq"]
    assert json.loads((tmp_path / "odd.json").read_text())["plan"]["count"] == 25


def test_models_are_called_by_their_files() -> None:
    assert [stem(model) for model in ("segan", "a/b/mine.safetensors", "a/mine/", "")] == ["segan", "mine", "mine", ""]
