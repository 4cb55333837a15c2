"""What is measured."""

from pathlib import Path

from benchmarks.dong2022.plan import CURVE, ON_SEGAN, TABLES, TARGETED, Job, Plan, Quality, curve_of, jobs
from benchmarks.dong2022.published import SNRS


def test_every_condition_is_measured_at_every_snr_once() -> None:
    quality, *found = jobs(Plan(Path("data")))
    assert isinstance(quality, Quality) and all(isinstance(job, Job) for job in found)
    names = [job.name for job in found]
    assert len(set(names)) == len(names) == 5 + 5 * len(TABLES) + len(CURVE) + len(TARGETED) + len(ON_SEGAN)
    assert {job.snr for job in found if job.condition == TABLES[0]} == set(SNRS)
    floors = [c.floor for c in curve_of("opt")]
    assert floors == [15, 20, 25, 30]
