"""What is measured."""

from dataclasses import replace

from benchmarks.wang2020.plan import METHODS, jobs


def test_every_method_gets_every_target_once(commands) -> None:
    names = [job.name for job in jobs(commands, ("down", "up"))]
    assert len(set(names)) == len(names) == 2 + 2 * len(METHODS)
    more = [job.name for job in jobs(replace(commands, left_out=("ds-cnn",)), ("down", "up"))]
    assert set(more) - set(names) == {"families-down", "families-up"}
