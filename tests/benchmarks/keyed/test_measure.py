"""Files under keys, what attackers make of them, and the report."""

import csv
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from benchmarks.keyed import measure as module
from benchmarks.keyed.measure import measure
from benchmarks.keyed.plan import KINDS, Job, Plan
from benchmarks.keyed.report import write_report
from sottovoce.models.speakers import ECAPATDNN
from sottovoce.perturbers import SSED, KeyedSSED
from sottovoce.weights import Card, save


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three humming women with two recordings each, and three others whose recordings an attacker may know."""
    folder, rng = tmp_path_factory.mktemp("data"), np.random.default_rng(0)
    time = np.arange(41_600) / 16_000
    (folder / "manifests").mkdir()
    for corpus, split in (("librispeech-test-clean", "test"), ("librispeech-mini", "valid")):
        rows = []
        for speaker, pitch in enumerate((150, 190, 230)):
            for number in range(2):
                phase = 2 * np.pi * np.cumsum(pitch * (1 + 0.1 * np.sin(2 * np.pi * (number + 1) * time))) / 16_000
                hum = sum(np.sin(k * phase) / k ** (1 + 0.2 * speaker) for k in range(1, 20))
                name = f"{split}-{speaker}-{number}.wav"
                soundfile.write(folder / name, 0.1 * hum + 1e-3 * rng.normal(size=len(time)), 16_000)
                rows.append([name, split, f"{split}-{speaker}", "F", 2.6, "HELLO", ""])
        with (folder / "manifests" / f"{corpus}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([["path", "split", "speaker", "sex", "seconds", "text", "label"], *rows])
    return folder


def saved(path: Path, network: SSED | KeyedSSED) -> str:
    card = Card(
        name="tiny", kind="perturber", architecture=network.architecture, config=network.config, data="", recipe="",
        seed=0, metrics={}, licence="Apache-2.0",
    )  # fmt: skip
    save(path, network.state_dict(), card)
    return str(path)


def test_every_attacker_has_rows_and_a_line_in_the_report(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    tiny = ECAPATDNN(channels=16, aggregated=24).eval()
    monkeypatch.setattr(module, "load_speaker_encoder", lambda name: tiny)
    monkeypatch.setattr(module, "FITTING", 2)
    monkeypatch.setattr(module, "SEARCHING", 2)
    plan = Plan(
        data,
        saved(tmp_path / "keyed.safetensors", KeyedSSED(channels=4, blocks=1).eval()),
        saved(tmp_path / "attacker.safetensors", KeyedSSED(channels=4, blocks=1).eval()),
        saved(tmp_path / "unkeyed.safetensors", SSED(channels=4, blocks=1).eval()),
        ("tiny",),
        3,
        0,
    )
    rows = {Job(plan, kind).name: measure(Job(plan, kind), tmp_path / "files") for kind in KINDS}
    for found in rows.values():
        assert [row["file"] for row in found[:3]] == ["test-0-0", "test-1-0", "test-2-0"]
        assert found[3]["encoder"] == "tiny" and 0 <= found[3]["low"] <= found[3]["eer"] <= found[3]["high"] <= 1
    assert all(row["snr"] == float("inf") for row in rows["recorded"][:3])
    assert all(20 < row["snr"] < 60 for row in rows["protected"][:3])
    write_report(tmp_path / "report", plan, rows)
    lines = (tmp_path / "report" / "keyed.md").read_text().splitlines()
    assert sum(line.startswith("|") for line in lines) == len(KINDS) + 2
    assert (tmp_path / "report" / "keyed-files.csv").read_text().count("\n") == 3 * len(KINDS) + 1
