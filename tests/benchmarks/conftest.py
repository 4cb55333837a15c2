"""A corpus of four humming voices, tiny networks, and a plan of guo2024 for them."""

import csv

import numpy as np
import pytest
import soundfile
import torch

from benchmarks.guo2024.plan import Plan
from sottovoce.models.speakers import ECAPATDNN
from sottovoce.perturbers import SSED
from sottovoce.weights import Card
from sottovoce.weights.store import save

RATE, SECONDS = 16_000, 1.2


@pytest.fixture(scope="session")
def humming(tmp_path_factory):
    """A data folder with two corpora; each has two men and two women with two utterances each."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "manifests").mkdir()
    random = np.random.default_rng(0)
    for corpus in ("librispeech-test-clean", "librispeech-test-other"):
        rows = []
        for speaker, pitch in enumerate((100, 125, 190, 230)):
            for number in range(2):
                time = np.arange(round(RATE * SECONDS)) / RATE
                glide = pitch * (1 + 0.1 * np.sin(2 * np.pi * (number + 1) * time))
                phase = 2 * np.pi * np.cumsum(glide) / RATE
                hum = sum(np.sin(k * phase) / k ** (1 + 0.2 * speaker) for k in range(1, 20))
                name = f"{corpus}-{speaker}-{number}.flac"
                soundfile.write(folder / name, 0.1 * hum + 1e-3 * random.standard_normal(len(time)), RATE)
                sex = "M" if speaker < 2 else "F"
                rows.append([name, "test", str(speaker), sex, SECONDS, "", ""])
        with (folder / "manifests" / f"{corpus}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([["path", "split", "speaker", "sex", "seconds", "text", "label"], *rows])
    return folder


@pytest.fixture(scope="session")
def plan(humming, tmp_path_factory):
    """A generator, an attacker and an encoder, all tiny and untrained."""
    folder = tmp_path_factory.mktemp("models")

    def keep(name, kind, network, config):
        card = Card(
            name=name,
            kind=kind,
            architecture=network.architecture,
            config=config,
            data="none",
            recipe="none",
            seed=0,
            metrics={},
            licence="CC0-1.0",
        )
        save(folder / name, network.state_dict(), card)
        return str(folder / f"{name}.safetensors")

    torch.manual_seed(0)
    networks = [SSED(channels=4, blocks=1) for _ in range(2)]
    encoder = ECAPATDNN(channels=16, aggregated=48)
    return Plan(
        data=humming,
        models=(keep("ssed", "perturber", networks[0], networks[0].config),),
        attacker=keep("attacker", "perturber", networks[1], networks[1].config),
        encoders=(keep("encoder", "speaker encoder", encoder, {"channels": 16, "aggregated": 48}),),
    )
