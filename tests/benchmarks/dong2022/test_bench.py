"""The bench from a corpus to its report, on tiny models and quick attacks."""

import json
import math
from pathlib import Path

import pytest
import torch

from benchmarks.dong2022 import bench, report
from benchmarks.dong2022.bench import CURVE, MG, ON_SEGAN, SEGAN, TABLES, TARGETED, Job, Plan, jobs
from benchmarks.dong2022.conditions import Condition
from benchmarks.dong2022.published import SNRS
from benchmarks.dong2022.results import Results, curve_of
from sottovoce.threats import Erasure, Silence, SpectralSpeech


def test_every_condition_is_measured_at_every_snr_once() -> None:
    found = jobs(Plan(Path("data")))
    names = [job.name for job in found]
    assert len(set(names)) == len(names) == 5 + 5 * len(TABLES) + len(CURVE) + len(TARGETED) + len(ON_SEGAN)
    assert {job.snr for job in found if job.condition == TABLES[0]} == set(SNRS)
    floors = [c.floor for c in curve_of("opt")]
    assert floors == [15, 20, 25, 30]


@pytest.mark.parametrize(
    ("condition", "objective", "steps"),
    [
        (Condition("pgd", MG, "paper"), Silence, 50),
        (Condition("opt", SEGAN, "paper"), Silence, 50),
        (Condition("opt", MG, "paper"), Silence, 100),
        (Condition("opt", MG, "ours"), Erasure, 60),
        (Condition("opt", MG, "target", 0.0), SpectralSpeech, 150),
    ],
)
def test_conditions_are_what_they_say(condition: Condition, objective: type, steps: int) -> None:
    attack, wanted = condition.make(torch.zeros(1, 10))
    assert type(wanted) is objective and attack.steps == steps


def test_a_job_gives_a_row_per_recording_measured_on_what_was_written(monkeypatch, tiny, shared_data) -> None:
    network = bench.load_enhancer(tiny)
    monkeypatch.setattr(bench, "load_enhancer", lambda name: network)
    rows = bench.measure(Job(Plan(shared_data, count=2), 8, Condition("fgsm", SEGAN, "ours")))
    assert len(rows) == 2
    for row in rows:
        assert 0 < row["snr"] < 60 and row["segan cer"] >= 0 and math.isfinite(row["segan gain"])
        assert isinstance(row["protected text"], str)
    baseline = bench.measure(Job(Plan(shared_data, count=2), 8, None))
    assert all(row["clean wer"] < 1 for row in baseline)


def rows_of(value: float) -> list[dict[str, float]]:
    listeners = (MG, SEGAN, "dtln", "noisy", "clean", "protected", "target", "target itself")
    row = {f"{name} {unit}": value for name in listeners for unit in ("cer", "wer")}
    measures = ("rpr", "rpr matched", "gain", "drop", "ill-posed")
    row |= {f"{name} {m}": value for name in (MG, SEGAN, "dtln") for m in measures}
    return [row | {"snr": 20.0, "pesq": 4.0, MG: 2.5, "noisy": 2.0}] * 3


def test_rpr_leaves_out_what_is_ill_posed() -> None:
    rows = [{f"{MG} rpr": value, f"{MG} ill-posed": flag} for value, flag in [(2.0, 0), (-900.0, 1), (4.0, 0)]]
    value = Results({"job": rows}, seed=0).mean("job", f"{MG} rpr")
    assert (value.mean, value.counted, value.total) == (3.0, 2, 3)


def test_the_report_holds_the_means_beside_the_papers_and_a_dash_for_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "rows").mkdir()
    measured = {"quality": 0.0, "baseline@8": 0.25, f"{TABLES[0].slug}@8": 0.75}
    for name, value in measured.items():
        (tmp_path / "rows" / f"{name}.json").write_text(json.dumps(rows_of(value)))
    report.write_report(tmp_path, Plan(Path("data")))
    text = (tmp_path / "enhancement.md").read_text()
    line = next(
        line for line in text.splitlines() if line.startswith("| opt on metricgan-plus (ours") and "| CER |" in line
    )
    assert line.endswith("| – | – | – | – | 75.0 [75.0, 75.0] |")
    assert "| 50.0 [50.0, 50.0] |" in text  # DE: 75 % less 25 %
    assert "| opt on metricgan-plus (paper) | paper | 76.7 | 88.4 | 90.8 | 79.5 | 93.5 |" in text
    assert "2.500 [2.500, 2.500]" in text
    assert {"figure-3.png", "figure-4.png", "trade-off.png", "enhancement.csv"} <= {p.name for p in tmp_path.iterdir()}
    assert f"{TABLES[0].slug}@8,{MG} cer,0.75,0.75,0.75,3,3" in (tmp_path / "enhancement.csv").read_text()
