"""Small models, quick attacks and a voice-like sound."""

import sys

import numpy as np
import pytest
import soundfile
import torch

from sottovoce.attacks import PGD
from sottovoce.cli import main
from sottovoce.models import Card
from sottovoce.models.store import save
from sottovoce.threats.budgets import SNRFloor
from sottovoce.victims.enhancers import SEGAN
from sottovoce.workflows import perturbing


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """The path of a SEGAN of one channel a layer, with random weights."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("models") / "tiny.safetensors"
    card = Card(name="tiny", kind="enhancer", architecture="segan", config={"width": 1 / 64}, data="none",
                recipe="none", seed=0, metrics={}, licence="CC0-1.0")
    save(path, SEGAN(width=1 / 64).state_dict(), card)
    return str(path)


@pytest.fixture(autouse=True)
def quick_attack(monkeypatch):
    """Two steps whatever the settings say."""
    monkeypatch.setattr(
        perturbing, "make_attack", lambda settings, progress: PGD(steps=2, step=0.02, budget=SNRFloor(settings.snr))
    )


@pytest.fixture
def sound(tmp_path):
    """Writes a hum with vowel-like harmonics and swelling loudness."""

    def write(name="in.wav", rate=16_000, channels=1, subtype="PCM_16", seconds=1.0, **form):
        time = np.arange(round(seconds * rate)) / rate
        hum = sum(np.sin(2 * np.pi * 130 * k * time + c * k) / k for k in range(1, 12) for c in [0.3]) * 0.2
        hum = hum * (0.5 + 0.5 * np.sin(2 * np.pi * 3 * time))
        samples = np.stack([hum * gain for gain in (1.0, 0.6)[:channels]], axis=1)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, samples, rate, subtype=subtype, **form)
        return path

    return write


@pytest.fixture
def run(monkeypatch, capsys):
    """Types a command line; gives the exit status and what is on stdout and stderr."""

    def typed(*words):
        monkeypatch.setattr(sys, "argv", ["sottovoce", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            main()
        captured = capsys.readouterr()
        return end.value.code or 0, captured.out, captured.err

    return typed
