"""An ablation trains every variant once."""

import json
from dataclasses import replace

import pytest

from benchmarks.ablation import measure
from benchmarks.ablation.measure import train_missing
from benchmarks.ablation.plan import Plan, slug
from benchmarks.ablation.report import write_report
from benchmarks.rows import load_rows, save_rows
from sottovoce.errors import SottovoceError
from sottovoce.training import Machine


def test_a_row_per_variant_with_what_was_logged(plan, manifest, tmp_path) -> None:
    small = ("channels=2", "blocks=1", "epochs=1", "steps=1", "batch=2", "seconds=1.0", "validation=1")
    wanted = Plan("ssed", (manifest,), (*small, f"victims={plan.encoders[0]}"))
    train_missing(wanted, tmp_path, Machine("cpu"))
    write_report(tmp_path, wanted, load_rows(tmp_path, wanted))
    rows = [line.split(" | ") for line in (tmp_path / "ablation.md").read_text().splitlines() if "1 of 1" in line]
    assert [row[0].removeprefix("| ") for row in rows] == list(wanted.ablation.variants)
    for row in rows:
        logged = json.loads((tmp_path / slug(row[0].removeprefix("| ")) / "log.jsonl").read_text())
        assert float(row[3]) == pytest.approx(logged["valid_snr"], abs=1e-3)
    assert (tmp_path / "ablation.png").stat().st_size > 1000


def test_variants_with_rows_are_not_trained_again(manifest, tmp_path, monkeypatch) -> None:
    plan = Plan("ssed", (manifest,))
    for variant in plan.ablation.variants:
        save_rows(tmp_path, slug(variant), plan, [{"epoch": 0.0}])
    monkeypatch.setattr(measure, "train", lambda *_: pytest.fail("trained"))
    train_missing(plan, tmp_path, Machine("cpu"))


def test_a_stopped_training_is_not_resumed_with_other_settings(manifest, tmp_path, monkeypatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(measure, "train", stopped)
    plan = Plan("ssed", (manifest,))
    with pytest.raises(KeyboardInterrupt):
        train_missing(plan, tmp_path, Machine("cpu"))
    with pytest.raises(SottovoceError, match="epochs=3"):
        train_missing(replace(plan, settings=("epochs=3",)), tmp_path, Machine("cpu"))
