"""An ablation trains every variant and tells what each is worth."""

import csv
import json

import pytest

from benchmarks import ablation
from sottovoce.errors import SottovoceError
from sottovoce.training.recipes import Machine, Material, parse


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


def test_a_row_per_variant_with_what_was_logged(plan, manifest, tmp_path) -> None:
    small = {"channels": "2", "blocks": "1", "epochs": "1", "steps": "1", "batch": "2", "seconds": "1.0"}
    settings = {**small, "validation": "1", "victims": plan.encoders[0]}
    ablation.run("ssed", Material([manifest]), tmp_path, settings, Machine("cpu"))
    rows = [line.split(" | ") for line in (tmp_path / "ablation.md").read_text().splitlines() if "1 of 1" in line]
    assert [row[0].removeprefix("| ") for row in rows] == list(ablation.ABLATIONS["ssed"].variants)
    for row in rows:
        name = row[0].removeprefix("| ").replace(", ", "-")
        logged = json.loads((tmp_path / name / "log.jsonl").read_text())
        assert float(row[3]) == pytest.approx(logged["valid_snr"], abs=1e-3)
    assert (tmp_path / "ablation.png").stat().st_size > 1000


def test_every_variant_and_measure_is_one_of_its_recipe() -> None:
    for name, plan in ablation.ABLATIONS.items():
        for settings in plan.variants.values():
            parse(name, settings)
        assert set(plan.drawn) <= set(plan.measures)


def test_an_unknown_recipe_is_refused(manifest, tmp_path) -> None:
    with pytest.raises(SottovoceError, match="choose advgan, ssed"):
        ablation.run("segan", Material([manifest]), tmp_path, {}, Machine("cpu"))
