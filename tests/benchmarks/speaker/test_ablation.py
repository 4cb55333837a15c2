"""The ablation trains every combination of the switches and tells what each is worth."""

import csv
import json

import pytest

from sottovoce.benchmarks.speaker import ablation
from sottovoce.training.recipes import Machine, Material


@pytest.fixture
def manifest(humming):
    with (humming / "manifests" / "librispeech-test-clean.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["split"] = "train" if row["speaker"] in "01" else "valid"
    with (humming / "manifests" / "train.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return humming / "manifests" / "train.csv"


def test_a_row_per_combination_with_what_was_logged(plan, manifest, tmp_path) -> None:
    small = {"channels": "2", "blocks": "1", "epochs": "1", "steps": "1", "batch": "2", "seconds": "1.0"}
    settings = {**small, "validation": "1", "victims": plan.encoders[0]}
    ablation.run(Material([manifest]), tmp_path, settings, Machine("cpu"))
    rows = [line.split(" | ") for line in (tmp_path / "ablation.md").read_text().splitlines() if "1 of 1" in line]
    assert [row[0].removeprefix("| ") for row in rows] == ["neither", "normalised", "detached", "detached-normalised"]
    for row in rows:
        logged = json.loads((tmp_path / row[0].removeprefix("| ") / "log.jsonl").read_text())
        assert float(row[3]) == pytest.approx(logged["valid_snr"], abs=1e-3)
