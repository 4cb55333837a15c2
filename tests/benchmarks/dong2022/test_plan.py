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


def test_whisper_alone_hears_what_pocketsphinx_takes_longest_for() -> None:
    both, one = Plan(Path("data"), whisper="whisper-tiny.en"), Plan(Path("data"))
    spared = {job.name for job in jobs(both)[1:] if job.by_whisper_alone}
    attacks = [f"{attack}-{network}-paper-20" for attack in ("opt", "pgd") for network in ("metricgan-plus", "segan")]
    assert spared == {f"{attack}@{snr}" for attack in attacks for snr in (-8, -4, 0, 4)}
    assert not any(job.by_whisper_alone for job in jobs(one)[1:])
