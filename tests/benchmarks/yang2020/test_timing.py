"""Times of attacks."""

from benchmarks.yang2020 import timing
from benchmarks.yang2020.plan import Plan, Timing


def test_times_are_measured_for_each_number_of_recordings(recognition: Plan, monkeypatch) -> None:
    monkeypatch.setattr("torch.set_num_threads", lambda _: None)  # two wait for each other on a busy machine
    monkeypatch.setattr(timing, "TIMED_STEPS", 1)
    monkeypatch.setattr(timing, "GENERATIONS", 1)
    monkeypatch.setattr(timing, "AT_ONCE", (1, 2))
    rows = timing.time_attacks(Timing(recognition))
    assert [row["recordings"] for row in rows] == [1, 2]
    assert all(value > 0 for row in rows for value in row.values())
