"""A corpus of a few seconds: bursts that PESQ takes for speech, and noise."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from lightning_fabric import Fabric

from sottovoce.training import MixingRange, SpeechInNoise
from sottovoce.victims.enhancers.segan import CHUNK


@pytest.fixture(scope="session")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder of speech and a folder of noise."""
    generator = np.random.default_rng(0)
    folders = tmp_path_factory.mktemp("speech"), tmp_path_factory.mktemp("noise")
    times = np.arange(24_000) / 16_000
    for number in range(4):
        pitch = 100 + 20 * number
        voice = sum(np.sin(2 * np.pi * pitch * k * times) / k for k in range(1, 20))
        speech = 0.05 * voice * (np.sin(2 * np.pi * 2.5 * times) > -0.5)
        soundfile.write(folders[0] / f"{number}.wav", speech, 16_000)
        soundfile.write(folders[1] / f"{number}.wav", 0.1 * generator.standard_normal(24_000), 16_000)
    return folders


@pytest.fixture(scope="session")
def data(corpora: tuple[Path, Path]) -> SpeechInNoise:
    return SpeechInNoise([corpora[0]], [corpora[1]], MixingRange(seconds=CHUNK / 16_000))


@pytest.fixture(scope="session")
def fabric() -> Fabric:
    return Fabric(accelerator="cpu", devices=1)
