"""The recognition bench on tiny untrained models: every job gives its rows, and the report holds them."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
import soundfile
import torch

from benchmarks.yang2020 import bench, timing
from benchmarks.yang2020.plan import Plan
from benchmarks.yang2020.report import write_report
from sottovoce.attacks import OverTheAir
from sottovoce.models.enhancers import WaveUNet
from sottovoce.models.recognizers import DeepSpeech
from sottovoce.weights import Card
from sottovoce.weights.store import save

RATE = 16_000


@pytest.fixture(scope="module")
def plan(tmp_path_factory) -> Plan:
    folder = tmp_path_factory.mktemp("recognition")
    data, random = folder / "data", np.random.default_rng(0)
    (data / "manifests").mkdir(parents=True)
    for corpus in ("an4", "librispeech-test-clean", "noise"):
        rows = []
        for number in range(2):
            name = f"{corpus}-{number}.flac"
            time = np.arange(3 * RATE) / RATE
            hum = sum(np.sin(2 * np.pi * k * (110 + 20 * number) * time) / k for k in range(1, 15))
            hum = 0.05 * hum * (1 + np.sin(2 * np.pi * 3 * time)) + 0.005 * random.normal(size=len(time))
            soundfile.write(data / name, hum, RATE)
            rows.append([name, "test", str(number), "", 3.0, "GO ON", ""])
        with (data / "manifests" / f"{corpus}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([["path", "split", "speaker", "sex", "seconds", "text", "label"], *rows])

    def keep(name, architecture, network, config):
        words = {"data": "none", "recipe": "none", "licence": "CC0-1.0", "metrics": {}, "seed": 0, "kind": "tiny"}
        save(folder / name, network.state_dict(), Card(name=name, architecture=architecture, config=config, **words))
        return str(folder / name)

    torch.manual_seed(0)
    for ending in ("", "-adv"):
        recognizer = keep("speech" + ending, "deep-speech", DeepSpeech(8, 1), {"hidden": 8, "layers": 1})
        shape = {"levels": 2, "attention": False, "width": 0.1}
        enhancer = keep("unet" + ending, "wave-unet", WaveUNet(**shape), shape)
    return Plan(
        data,
        recognizer=recognizer.removesuffix("-adv"),
        enhancers=(enhancer.removesuffix("-adv"),),
        count=2,
        steps=2,
        over_the_air=2,
        generations=2,
    )


def test_names_are_unique(plan: Plan) -> None:
    names = [job.name for job in bench.jobs(plan)]
    assert len(set(names)) == len(names) == 2 + 4 + 4 + 3


def test_every_job_gives_rows_and_the_report_holds_them(plan: Plan, tmp_path) -> None:
    (tmp_path / "rows").mkdir()
    for job in bench.jobs(plan):
        if job.what in ("", "0", "gradient", "evolutionary") and "adv" not in job.recognizer:
            rows = bench.measure(job)
            assert rows
            (tmp_path / "rows" / f"{job.name}.json").write_text(json.dumps(rows))
    write_report(tmp_path, plan)
    text = (tmp_path / "recognition.md").read_text()
    noisy, enhanced = (
        np.mean([row["snr"] for row in json.loads((tmp_path / "rows" / "noise-0.json").read_text()) if named(row)])
        for named in (lambda row: row["system"] == "", lambda row: row["system"] == plan.enhancers[0])
    )
    assert f"| 0 | {enhanced - noisy:.2f} [" in text
    assert "| gradient | 10.1 | paper | nothing | 90.23 |  | 85.90 |" in text
    assert "| nothing | 0 of 2 | – | not at all |" in text
    assert (tmp_path / "figure-3.png").stat().st_size > 1000


def test_an_attack_on_an_enhancer_that_does_nothing_is_as_loud_as_on_none(plan: Plan, monkeypatch) -> None:
    bare = bench.measure(bench.Job(plan, "adaptive", plan.recognizer))
    enhancer = Plan.enhancer
    monkeypatch.setattr(Plan, "enhancer", lambda self, name: enhancer(self, ""))
    behind = bench.measure(bench.Job(plan, "adaptive", plan.recognizer, plan.enhancers[0]))
    assert [row["snr"] for row in behind] == [row["snr"] for row in bare]
    assert "an attack on another victim" not in str(behind[0]["suspicions"])


def test_bare_signals_in_table_1_are_the_mixtures(plan: Plan) -> None:
    rows = bench.measure(bench.Job(plan, "noise", what="5"))
    bare = [row for row in rows if row["system"] == ""]
    assert [row["snr"] for row in bare] == pytest.approx([5.0, 5.0], abs=0.1)


def test_the_rooms_of_the_test_are_none_of_the_attack(plan: Plan) -> None:
    attack = plan.attack("gradient", DeepSpeech())
    assert isinstance(attack, OverTheAir)
    kinds = plan.rooms(), plan.further_rooms(), attack.rooms
    different = {room.numpy().tobytes() for rooms in kinds for room in rooms}
    assert len(different) == sum(len(rooms) for rooms in kinds) == 5 + 20 + 2


def test_spectrograms_and_times(plan: Plan, tmp_path, monkeypatch) -> None:
    bench.draw_example(plan, tmp_path)
    assert (tmp_path / "figure-2.png").stat().st_size > 1000
    monkeypatch.setattr(timing, "STEPS", 1)
    monkeypatch.setattr(timing, "GENERATIONS", 1)
    monkeypatch.setattr(timing, "AT_ONCE", (1, 2))
    rows = timing.time_attacks(timing.Timing(replace(plan, count=2)))
    assert [row["recordings"] for row in rows] == [1, 2]
    assert all(value > 0 for row in rows for value in row.values())
