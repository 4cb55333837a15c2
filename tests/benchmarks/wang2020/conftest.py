"""A corpus of noise with two labels, and tiny networks."""

import numpy as np
import pytest
import soundfile
import torch

from benchmarks.wang2020.plan import Plan
from sottovoce.corpora import Utterance, write_manifest
from sottovoce.models.classifiers import WideResNet
from sottovoce.perturbers import AdvGAN
from sottovoce.weights import Card, save

LABELS = ("down", "up")
SHAPE = {"depth": 10, "width": 1}


@pytest.fixture(scope="session")
def commands(tmp_path_factory):
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
    networks = {"classifier": WideResNet(LABELS, **SHAPE), "generator": AdvGAN(LABELS, width=1 / 16)}
    configs = {"classifier": {"labels": list(LABELS), **SHAPE}, "generator": networks["generator"].config}
    for name, network in networks.items():
        card = Card(
            name=name, kind=name, architecture=network.architecture, config=configs[name], data="", recipe="", seed=0,
            metrics={}, licence="CC0-1.0",
        )  # fmt: skip
        save(folder / name, network.state_dict(), card)
    return Plan("commands", folder / "commands.csv", str(folder / "classifier"), str(folder / "generator"))
