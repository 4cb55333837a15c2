"""Stand-ins for listeners, and a pair of files whose measures are known."""

import numpy as np
import pytest
import soundfile
import torch

from sottovoce.evaluation.panel import Panel
from sottovoce.models.enhancers import Enhancer
from sottovoce.models.speakers import SpeakerEncoder


class Echo(Enhancer):
    """An enhancer that halves what is loud and silences what is quiet: protected files are the quieter ones here."""

    device = torch.device("cpu")

    def forward(self, waveforms, lengths=None):
        return waveforms * torch.where(waveforms.abs().amax(1, keepdim=True) > 0.4, 0.5, 0.0)


class Nothing(Enhancer):
    """An enhancer that changes nothing."""

    device = torch.device("cpu")

    def forward(self, waveforms, lengths=None):
        return waveforms


class LoudnessReader(torch.nn.Module):
    """Hears words in anything that is not silence."""

    name, language = "reader", "en"

    def transcribe(self, waveforms, lengths=None):
        return ["FOUR WORDS ARE HERE" if row.any() else "" for row in waveforms]


class LevelReader(torch.nn.Module):
    """Understands whatever is louder than 0.1 on average; the words depend on whether most of it is positive."""

    name, language = "level", "en"

    def transcribe(self, waveforms, lengths=None):
        return [self._read(row) for row in waveforms]

    def _read(self, row):
        if row.abs().mean() < 0.1:
            return "NOISE"
        return "RAIN FALLS ON ROOFS" if (row > 0).float().mean() > 0.5 else "SNOW LIES IN FIELDS"


class Halves(SpeakerEncoder):
    """Knows a voice by the mean power of its halves."""

    shortest, threshold = 2, 0.9

    def __init__(self):
        super().__init__()
        self.register_buffer("none", torch.zeros(1))

    def embed(self, waveforms):
        return torch.stack([half.square().mean(-1) for half in waveforms.chunk(2, -1)], -1)


@pytest.fixture
def levels():
    return LevelReader()


@pytest.fixture
def echo():
    return Echo()


@pytest.fixture
def nothing():
    return Nothing()


@pytest.fixture
def halves():
    return Halves()


@pytest.fixture
def reader():
    return LoudnessReader()


@pytest.fixture
def panel(echo, reader):
    return Panel(recognisers={"reader": reader}, enhancers={"echo": echo})


@pytest.fixture
def pair(tmp_path):
    """The paths of a hum and of its copy at half the level, under the same name in two folders."""
    hum = 0.5 * np.sin(2 * np.pi * 250 / 32_000 * np.arange(32_000))
    (tmp_path / "o").mkdir()
    (tmp_path / "p").mkdir()
    soundfile.write(tmp_path / "o" / "a.wav", hum, 16_000, subtype="DOUBLE")
    soundfile.write(tmp_path / "p" / "a.wav", 0.5 * hum, 16_000, subtype="DOUBLE")
    return tmp_path / "o" / "a.wav", tmp_path / "p" / "a.wav"
