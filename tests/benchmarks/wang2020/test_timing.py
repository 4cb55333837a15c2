"""Times of passes and searches."""

from benchmarks.wang2020 import timing
from benchmarks.wang2020.plan import Timing


def test_times_are_measured_for_passes_and_searches(commands, monkeypatch) -> None:
    monkeypatch.setattr(timing, "THREADS", 1)  # two wait for each other on a busy machine
    for name, few in {"SEARCHED": 1, "ROUNDS": 1, "BATCHES": (1, 2)}.items():
        monkeypatch.setattr(timing, name, few)
    rows = timing.time_methods(Timing(commands))
    assert [row.get("batch") or row.get("search") for row in rows] == ["1", "2", "genetic", "swarm"]
    assert all(value > 0 for row in rows for value in row.values() if isinstance(value, float))
