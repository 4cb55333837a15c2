"""Tasks in the actors of a local Ray: the results of one process, whatever dies."""

import os
import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from sottovoce import cluster, processes
from sottovoce.errors import SottovoceError
from tests.test_processes import TASKS, build, build_deadly, build_nothing

pytestmark = pytest.mark.usefixtures("local_ray")


@pytest.fixture(autouse=True)
def unset(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)


def test_actors_give_what_one_process_gives() -> None:
    told, found = {}, {}
    for each in (processes.each, cluster.each):
        said = told[each] = []
        found[each] = sorted(
            (done.place, done.result, str(done.error).removeprefix("OddError: "))
            for done in each(build, TASKS, told=lambda *message, said=said: said.append(message))
        )
    assert found[cluster.each] == found[processes.each]
    assert sorted(told[cluster.each]) == told[processes.each]
    assert list(cluster.each(build, [])) == []


def test_errors_of_actors_have_their_tracebacks_in_a_note() -> None:
    (error,) = [done.error for done in cluster.each(build, ["bad"])]
    assert isinstance(error, SottovoceError) and "in work" in error.__notes__[0]


def test_an_actor_that_is_killed_costs_nothing_but_its_task(tmp_path: Path) -> None:
    tasks = ["dies once", "a", "dies", "b", "c"]
    done = list(cluster.each(partial(build_deadly, tmp_path), tasks, processes=2))
    assert sorted(each.place for each in done) == [0, 1, 2, 3, 4]
    assert {each.place: each.result for each in done} == {0: "dies once", 1: "a", 2: None, 3: "b", 4: "c"}
    (error,) = [str(each.error) for each in done if each.error]
    assert error.startswith("dies: the process that worked on it died twice (") and "\n" not in error


def test_what_cannot_begin_is_an_error_at_once() -> None:
    with pytest.raises(SottovoceError, match="no such model"):
        list(cluster.each(build_nothing, ["a", "b"]))


def test_an_interrupted_run_puts_away_what_is_half_written(tmp_path: Path) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        closing(cluster.each(partial(build_talking, tmp_path), ["a", "b", "c"], told=interrupt)) as tasks,
    ):
        list(tasks)
    assert not list(tmp_path.iterdir())


def interrupt(place, message):
    raise KeyboardInterrupt


def build_talking(folder):
    def talking(task, tell):
        half = Path(folder, task)
        try:
            for _ in range(600):
                half.touch()
                tell("begun")
                time.sleep(0.05)
        finally:
            half.unlink()

    return talking


def build_counting():
    import torch

    return lambda task, tell: (torch.get_num_threads(), os.environ.get("CUDA_VISIBLE_DEVICES"))


def test_each_actor_computes_on_one_thread_unless_told_otherwise(monkeypatch) -> None:
    (plain,) = cluster.each(build_counting, ["a"])
    assert plain.result[0] == 1 and not plain.result[1]
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    (other,) = cluster.each(build_counting, ["a"], gpu=True)
    assert other.result == (2, "0")


def test_by_default_there_are_as_many_actors_as_the_cluster_has_processors() -> None:
    pids = {done.result for done in cluster.each(build_slowly, range(8))}
    assert len(pids) == 2


def build_slowly():
    def slowly(task, tell):
        time.sleep(0.5)
        return os.getpid()

    return slowly


def test_nobody_is_sent_statistics(monkeypatch) -> None:
    from ray._common.usage import usage_lib

    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "1")
    cluster.check()
    assert not usage_lib.usage_stats_enabled()


def test_without_ray_one_line_names_the_extra(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(SottovoceError, match=r"^--engine ray needs the extra 'cluster': pip install"):
        cluster.check()
