"""Measurements on tiny untrained models."""

import numpy as np
import pytest

from benchmarks.recordings import from_text
from benchmarks.yang2020 import plan
from benchmarks.yang2020.measure import measure
from benchmarks.yang2020.plan import Job, Plan, jobs
from benchmarks.yang2020.report import write_report


def test_every_job_gives_rows_and_the_report_holds_them(recognition: Plan, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(plan, "ROOMS_OF_TEST", 2)
    monkeypatch.setattr(plan, "FURTHER_ROOMS", 2)
    found = {}
    for job in jobs(recognition):
        if job.what in ("", "0", "gradient", "evolutionary") and "adv" not in job.recognizer:
            found[job.name] = measure(job)
            assert found[job.name]
    write_report(tmp_path, recognition, found)
    text = (tmp_path / "yang2020.md").read_text()
    noisy, enhanced = (
        np.mean([row["snr"] for row in found["noise-0"] if row["system"] == system])
        for system in ("", recognition.enhancers[0])
    )
    assert f"| 0 | {enhanced - noisy:.2f} [" in text
    assert "| gradient | 10.1 | Yang et al. | nothing | 90.23 |  | 85.90 |" in text
    assert "| nothing | 0 of 2 | – | never |" in text
    assert "noise-0,nothing" not in text and "noise-0," in (tmp_path / "yang2020.csv").read_text()
    assert all((tmp_path / f"figure-{number}.png").stat().st_size > 1000 for number in (2, 3))


def test_an_attack_on_an_enhancer_that_does_nothing_is_as_loud_as_on_none(recognition: Plan, monkeypatch) -> None:
    bare = measure(Job(recognition, "adaptive", recognition.recognizer))
    enhancer = Plan.enhancer
    monkeypatch.setattr(Plan, "enhancer", lambda self, name: enhancer(self, ""))
    behind = measure(Job(recognition, "adaptive", recognition.recognizer, recognition.enhancers[0]))
    assert [row["snr"] for row in behind] == [row["snr"] for row in bare]
    assert "an attack on another victim" not in str(behind[0]["suspicions"])


def test_bare_signals_in_table_1_are_the_mixtures(recognition: Plan) -> None:
    rows = measure(Job(recognition, "noise", what="5"))
    bare = [row for row in rows if row["system"] == ""]
    assert [row["snr"] for row in bare] == pytest.approx([5.0, 5.0], abs=0.1)


def test_the_example_has_the_signals_of_figure_2_for_every_enhancer_once(recognition: Plan) -> None:
    rows = measure(Job(recognition, "example", recognition.recognizer))
    assert [row["signal"] for row in rows[:3]] == ["clean", "noisy", "adversarial"] and len(rows) == 5
    clean, noisy = (from_text(row["samples"]) for row in rows[:2])
    assert 10 * np.log10(float(clean.square().sum() / (noisy - clean).square().sum())) == pytest.approx(5, abs=0.1)
