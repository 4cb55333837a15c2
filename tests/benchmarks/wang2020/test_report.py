"""The report, from rows that exist and rows that do not."""

import csv
from dataclasses import replace

import torch

from benchmarks.recordings import to_text
from benchmarks.wang2020.plan import Example, Families, Job
from benchmarks.wang2020.report import write_report
from benchmarks.wang2020.results import Results

LABELS = ("down", "up")


def row(clip, before, after):
    common = {"clip": float(clip), "source": "down", "target": "up", "snr": 20.0, "pesq": 3.0}
    return {**common, "before": before, "after": after, "queries": 0.0, "seconds": 0.01}


def test_the_report_counts_hits_among_clips_that_were_right(commands, tmp_path) -> None:
    rows = [row(0, "down", "up"), row(1, "down", "down"), row(2, "up", "up")]
    write_report(tmp_path, [Results(commands, LABELS, {Job(commands, "generator", "up").name: rows})])
    text = (tmp_path / "wang2020.md").read_text()
    assert "| generator, all clips | 2 | 50.0" in text
    assert "| up | 50.0" in text and "| 21.55 | 3.15 |" in text
    assert "| swarm | 0 | – |" in text
    assert "the worst pair 50.0 % (down → up)" in text
    assert (tmp_path / "matrix-commands.png").stat().st_size > 1000
    assert "perturbations" not in text  # not measured
    assert "--music" not in text and "## Music" not in text


def test_both_domains_are_in_one_markdown_and_one_csv(commands, tmp_path) -> None:
    found = []
    for plan in (commands, replace(commands, domain="music")):
        rows = {Job(plan, "generator", "up").name: [row(0, "down", "up")]}
        pair = {"source": "down", "target": "up"}
        signals = {"original": torch.rand(16_000), "generator": torch.rand(16_000)}
        rows[Example(plan).name] = [{"signal": n, **pair, "samples": to_text(s)} for n, s in signals.items()]
        found.append(Results(plan, LABELS, rows))
    write_report(tmp_path, found)
    text = (tmp_path / "wang2020.md").read_text()
    assert text.index("## Keywords") < text.index("## Music") and "--music MUSIC" in text
    lines = list(csv.DictReader((tmp_path / "wang2020.csv").open()))
    assert [line["domain"] for line in lines] == sorted(line["domain"] for line in lines)
    hits = [line for line in lines if line["column"] == "hit" and line["target"] == "up"]
    assert [(line["domain"], line["mean"]) for line in hits] == [("commands", "100"), ("music", "100")]
    pictures = {path.name for path in tmp_path.glob("*.png")}
    assert pictures == {"errors.png"} | {
        f"{kind}-{domain}.png" for kind in ("matrix", "perturbations") for domain in ("commands", "music")
    }


def test_families_are_told_apart_by_their_part_in_training(commands, tmp_path) -> None:
    plan = replace(commands, attacked=("wide-resnet",), left_out=("ds-cnn",))
    rows = [
        {**row(clip, before, after), "family": family, "noise": "down"}
        for family, after in (("wide-resnet", "up"), ("ds-cnn", "down"))
        for clip, before in enumerate(("down", "down", "up", "up"))
    ]
    write_report(tmp_path, [Results(plan, LABELS, {Families(plan, "up").name: rows})])
    text = (tmp_path / "wang2020.md").read_text()
    assert "| `wide-resnet` | attacked | 50.0 [0.0, 100.0] | 100.0" in text
    assert "| `ds-cnn` | left out | 50.0 [0.0, 100.0] | 0.0" in text
    lines = list(csv.DictReader((tmp_path / "wang2020.csv").open()))
    assert {(line["method"], line["clips"]) for line in lines} >= {("generator", "ds-cnn"), ("noise", "ds-cnn")}
    write_report(tmp_path, [Results(commands, LABELS, {})])
    assert "### Families" not in (tmp_path / "wang2020.md").read_text()
