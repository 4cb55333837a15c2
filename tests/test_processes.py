"""Tasks in several processes: the same results, whatever dies."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
import torch
from threadpoolctl import threadpool_limits

from sottovoce import processes
from sottovoce.errors import SottovoceError
from sottovoce.processes import each
from sottovoce.writing import Staged
from tests.test_threads import counts


@pytest.fixture(autouse=True)
def light(monkeypatch):
    """With a number of threads given, processes start without importing torch."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


class OddError(Exception):
    """Its constructor takes something else than its arguments, so it cannot be pickled."""

    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")


def build():
    return work


def work(task, tell):
    tell(("begun", task))
    if task == "odd":
        raise OddError("this", "that")
    if task == "bad":
        raise SottovoceError("bad: no")
    return task * 2


def build_nothing():
    raise SottovoceError("no such model")


def build_deadly(folder):
    def deadly(task, tell):
        """Dies at a task that says so; at "dies once", only the first time."""
        begun = Path(folder, f"{task} begun")
        if task == "dies" or (task == "dies once" and not begun.exists()):
            begun.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return task

    return deadly


def build_slow(folder):
    def slow(task, tell):
        with Staged() as staged:
            staged.write(Path(folder, f"{task}.txt"), b"half")
            Path(folder, f"{os.getpid()}.pid").touch()
            tell("begun")
            time.sleep(60)

    return slow


TASKS = ["a", "bad", "b", "odd", "c"]


def test_two_processes_give_what_one_gives() -> None:
    told, found = {}, {}
    for number in (None, 1, 2):
        said = told[number] = []
        found[number] = sorted(
            (done.place, done.result, str(done.error))
            for done in each(build, TASKS, processes=number, told=lambda *message, said=said: said.append(message))
        )
        said.sort()
    assert [result for _, result, _ in found[1]] == ["aa", None, "bb", None, "cc"]
    assert found[1] == found[None] and told[1] == told[2] == [(n, ("begun", task)) for n, task in enumerate(TASKS)]
    assert [line[:2] for line in found[2]] == [line[:2] for line in found[1]]
    assert found[2][1][2] == "bad: no" and found[2][3][2] == "OddError: this and that"


def test_errors_of_other_processes_have_their_tracebacks_in_a_note() -> None:
    errors = [done.error for done in each(build, ["bad", "odd"], processes=2)]
    assert {type(error) for error in errors} == {SottovoceError, RuntimeError}
    assert all("in work" in error.__notes__[0] for error in errors)


def test_a_process_that_is_killed_costs_nothing_but_its_task(tmp_path: Path) -> None:
    tasks = ["dies once", "a", "dies", "b", "c"]
    done = {done.place: done for done in each(partial(build_deadly, tmp_path), tasks, processes=2)}
    assert [done[place].result for place in range(5)] == ["dies once", "a", None, "b", "c"]
    assert str(done[2].error) == "dies: the process that worked on it died twice (signal 9); try fewer --jobs"


def test_where_all_processes_die_no_more_are_started(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(processes, "HOPELESS", 2)
    with pytest.raises(SottovoceError, match="one process after another dies"):
        list(each(partial(build_deadly, tmp_path), ["dies", "dies"], processes=2))


@pytest.mark.parametrize("number", [None, 2])
def test_what_cannot_begin_is_an_error_at_once(number) -> None:
    with pytest.raises(SottovoceError, match="no such model"):
        list(each(build_nothing, ["a", "b"], processes=number))
    assert list(each(build_nothing, [], processes=number)) == []


def test_an_interrupted_run_puts_away_what_is_half_written(tmp_path: Path) -> None:
    begun, handler = [], signal.getsignal(signal.SIGINT)

    def told(place, message):
        begun.append(place)
        if len(begun) == 2:
            raise KeyboardInterrupt

    with (
        pytest.raises(KeyboardInterrupt),
        closing(each(partial(build_slow, tmp_path), ["a", "b", "c"], processes=2, told=told)) as tasks,
    ):
        list(tasks)
    assert not multiprocessing.active_children()
    assert {path.suffix for path in tmp_path.iterdir()} == {".pid"}
    assert signal.getsignal(signal.SIGINT) is handler


SCRIPT = """
import os, signal, sys
from functools import partial
from sottovoce.processes import each
from tests.test_processes import build_waiting

begun = set()
def told(place, message):
    begun.add(place)
    if len(begun) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
list(each(partial(build_waiting, sys.argv[1]), ["a", "b"], processes=2, told=told))
"""


def build_waiting(folder):
    def waiting(task, tell):
        Path(folder, f"{os.getpid()}.pid").touch()
        for _ in range(600):
            tell("begun")
            time.sleep(0.05)

    return waiting


def test_processes_end_with_the_one_that_started_them(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path)], cwd=Path(__file__).parents[1], check=False)
    pids = [int(path.stem) for path in tmp_path.glob("*.pid")]
    assert len(pids) == 2
    deadline = time.monotonic() + 30
    while any(map(is_running, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_running, pids))


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_each_process_computes_on_one_thread_unless_told_otherwise(monkeypatch) -> None:
    def build_counting():
        return lambda task, tell: counts()

    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        with threadpool_limits(2, user_api="blas"):
            found = [next(each(build_counting, ["a"], processes=number)).result for number in (None, 1, 2)]
            assert found == [{2}, {2}, {2}]
            monkeypatch.delenv("OMP_NUM_THREADS")
            found = [next(each(build_counting, ["a"], processes=number)).result for number in (None, 1, 2)]
            assert found == [{2}, {1}, {1}] and counts() == {2}
    finally:
        torch.set_num_threads(before)
