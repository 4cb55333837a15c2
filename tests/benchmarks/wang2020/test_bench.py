"""The commands bench from a corpus to its report, on tiny models."""

import json
import math

import numpy as np
import pytest
import soundfile
import torch

from benchmarks.wang2020 import bench, methods, report, timing
from benchmarks.wang2020.bench import METHODS, Job, jobs
from benchmarks.wang2020.figures import draw_perturbations
from benchmarks.wang2020.plan import Plan, load_clips
from benchmarks.wang2020.timing import Timing, time_methods
from sottovoce.corpora import Utterance, write_manifest
from sottovoce.models.classifiers import WideResNet, load_classifier
from sottovoce.perturbers import AdvGAN
from sottovoce.weights import Card, save

LABELS = ("down", "up")
SHAPE = {"depth": 10, "width": 1}


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    folder, random, rows = tmp_path_factory.mktemp("commands"), np.random.default_rng(0), []
    for label in LABELS:
        for number in range(3):
            path = folder / f"{label}-{number}.wav"
            seconds = (0.8, 1.0, 2.5)[number]
            soundfile.write(path, 0.1 * random.standard_normal(round(16_000 * seconds)), 16_000)
            rows.append(Utterance(path, "test", label=label))
    rows.append(Utterance(rows[0].path, "train", label="up"))
    write_manifest(folder / "commands.csv", rows)
    torch.manual_seed(0)
    networks = {"victim": WideResNet(LABELS, **SHAPE), "generator": AdvGAN(LABELS, width=1 / 16)}
    configs = {"victim": {"labels": list(LABELS), **SHAPE}, "generator": networks["generator"].config}
    for name, network in networks.items():
        card = Card(
            name=name, kind=name, architecture=network.architecture, config=configs[name], data="", recipe="", seed=0,
            metrics={}, licence="CC0-1.0",
        )  # fmt: skip
        save(folder / name, network.state_dict(), card)
    return Plan("commands", folder / "commands.csv", str(folder / "victim"), str(folder / "generator"))


def test_long_recordings_are_cut_up_and_training_material_is_left_out(plan) -> None:
    clips = load_clips(plan, load_classifier(plan.victim))
    assert clips.waveforms.shape == (8, 16_000) and clips.labels == ["down"] * 4 + ["up"] * 4
    assert not clips.waveforms[0, 12_800:].any()


def test_every_method_gets_every_target_once(plan) -> None:
    names = [job.name for job in jobs(plan, LABELS)]
    assert len(set(names)) == len(names) == 1 + len(METHODS) * len(LABELS)


def test_the_generator_gets_all_clips_of_other_labels(plan) -> None:
    rows = bench.measure(Job(plan, "generator", "up"))
    assert [row["source"] for row in rows] == ["down"] * 4
    for row in rows:
        assert row["target"] == "up" and row["after"] in LABELS and row["queries"] == 0
        assert math.isfinite(row["snr"]) and row["pesq"] <= 4.5


def test_a_search_gets_some_clips_that_the_classifier_gets_right(plan, monkeypatch) -> None:
    monkeypatch.setattr(methods, "GRADIENT_STEPS", 2)
    victim = load_classifier(plan.victim)
    clips = load_clips(plan, victim)
    answers = victim.predict(clips.waveforms)
    right = {label for label, answer in zip(clips.labels, answers, strict=True) if label == answer}
    for target in LABELS:
        rows = bench.measure(Job(plan, "pgd", target))
        assert len(rows) == len(right - {target})
        assert all(row["before"] == row["source"] != target and row["queries"] > 0 for row in rows)


@pytest.mark.parametrize("name", METHODS[1:])
def test_methods_keep_the_shape_and_count_queries(plan, name, monkeypatch) -> None:
    monkeypatch.setattr(methods, "GRADIENT_STEPS", 2)
    monkeypatch.setattr(methods, "SWARM_EPOCHS", 1)
    monkeypatch.setattr(
        methods.Genetic.__init__, "__kwdefaults__", {**methods.Genetic.__init__.__kwdefaults__, "generations": 2}
    )
    victim, generator = load_classifier(plan.victim), AdvGAN.load(plan.generator)
    clips = load_clips(plan, victim).waveforms[:2]
    made = methods.method(name, victim, generator, seed=0)(clips, victim.labels[1])
    assert made.clips.shape == clips.shape and (made.queries > 0).all()


def test_times_are_measured_for_passes_and_searches(plan, monkeypatch) -> None:
    for name, few in {"SEARCHED": 1, "ROUNDS": 1, "BATCHES": (1, 2)}.items():
        monkeypatch.setattr(timing, name, few)
    rows = time_methods(Timing(plan))
    assert [row.get("batch") or row.get("search") for row in rows] == ["1", "2", "genetic", "swarm"]
    assert all(value > 0 for row in rows for value in row.values() if isinstance(value, float))


def test_the_report_counts_hits_among_clips_that_were_right(plan, tmp_path) -> None:
    (tmp_path / "rows").mkdir()

    def row(clip, before, after):
        common = {"clip": float(clip), "source": "down", "target": "up", "snr": 20.0, "pesq": 3.0}
        return {**common, "before": before, "after": after, "queries": 0.0, "seconds": 0.01}

    rows = [row(0, "down", "up"), row(1, "down", "down"), row(2, "up", "up")]
    (tmp_path / "rows" / f"{Job(plan, 'generator', 'up').name}.json").write_text(json.dumps(rows))
    report.write_report(tmp_path, plan, LABELS)
    text = (tmp_path / "commands.md").read_text()
    assert "| generator, all clips | 2 | 50.0" in text
    assert "| up | 50.0" in text and "| 21.55 | 3.15 |" in text
    assert "| swarm | 0 | – |" in text
    assert "the worst 50.0 % (down → up)" in text
    assert (tmp_path / "matrix-commands.png").stat().st_size > 1000


def test_perturbations_are_drawn_by_method() -> None:
    clip = 0.1 * torch.randn(16_000, generator=torch.Generator().manual_seed(0))
    figure = draw_perturbations(clip, {"generator": 1.01 * clip, "genetic": 0.99 * clip}, "on → go")
    assert len(figure.axes) == 12
