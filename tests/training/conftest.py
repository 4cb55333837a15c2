"""A corpus of a few seconds: bursts that PESQ takes for speech, and noise."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from lightning_fabric import Fabric

from sottovoce.corpora import Utterance, write_manifest
from sottovoce.models.enhancers.segan import CHUNK
from sottovoce.training import Augmentation, MixingRange, SpeechInNoise, Voices


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


@pytest.fixture(scope="session")
def voices(tmp_path_factory: pytest.TempPathFactory, corpora: tuple[Path, Path]) -> Voices:
    """Twelve speakers, each a pitch and a resonance, with five utterances; noise, and one room."""
    folder, generator = tmp_path_factory.mktemp("voices"), np.random.default_rng(0)
    rows = []
    for speaker in range(12):
        for number in range(5):
            times = np.arange(20_000) / 16_000
            pitch = (90 + 15 * speaker) * (1 + 0.05 * np.sin(2 * np.pi * generator.uniform(1, 4) * times))
            phase = 2 * np.pi * np.cumsum(pitch) / 16_000
            strength = [np.exp(-(((k * (90 + 15 * speaker) - 500 - 150 * speaker) / 600) ** 2)) for k in range(1, 30)]
            voice = sum(gain * np.sin(k * phase) for k, gain in enumerate(strength, 1))
            path = folder / f"{speaker}-{number}.wav"
            soundfile.write(path, 0.1 * voice / np.abs(voice).max(), 16_000)
            rows.append(Utterance(path, "train", speaker=str(speaker)))
    write_manifest(folder / "voices.csv", rows)
    (folder / "rooms").mkdir()
    room = generator.standard_normal(3000) * np.exp(-np.arange(3000) / 500)
    soundfile.write(folder / "rooms" / "room.wav", 0.1 * room, 16_000)
    return Voices([folder / "voices.csv"], [corpora[1]], [folder / "rooms"], Augmentation())
