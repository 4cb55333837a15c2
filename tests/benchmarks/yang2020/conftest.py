"""Corpora of humming, and tiny untrained models."""

import csv

import numpy as np
import pytest
import soundfile
import torch

from benchmarks.yang2020.plan import Plan
from sottovoce.models.enhancers import WaveUNet
from sottovoce.models.recognizers import DeepSpeech
from sottovoce.weights import Card
from sottovoce.weights.store import save

RATE = 16_000


@pytest.fixture(scope="session")
def recognition(tmp_path_factory) -> Plan:
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
