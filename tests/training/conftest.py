"""Small corpora and networks that several tests of the folder share."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from lightning_fabric import Fabric

from sottovoce.corpora import Utterance, write_manifest
from sottovoce.models.enhancers import load_enhancer
from sottovoce.models.enhancers.segan import CHUNK
from sottovoce.models.speakers import ECAPATDNN
from sottovoce.training import Augmentation, MixingRange, Recipe, SpeechInNoise, Voices, checkpoints, classifier, run
from sottovoce.training.clips import Clips, Variation
from sottovoce.training.transcripts import Transcripts
from sottovoce.weights import Card, load, save

PITCHES = {"A": 300, "B": 1200}


@pytest.fixture(scope="session")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder of bursts that PESQ takes for speech, and a folder of noise."""
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


@pytest.fixture(scope="session")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three labels, each a pitch: a manifest."""
    folder, random, rows = tmp_path_factory.mktemp("tones"), np.random.default_rng(0), []
    for label, pitch in {"low": 200, "middle": 800, "high": 3000}.items():
        for number in range(10):
            times = np.arange(int(random.integers(8_000, 24_000))) / 16_000
            tone = 0.1 * np.sin(2 * np.pi * pitch * random.uniform(0.9, 1.1) * times)
            path = folder / f"{label}-{number}.wav"
            soundfile.write(path, tone + 1e-3 * random.standard_normal(len(times)), 16_000)
            rows.append(Utterance(path, ["train", "valid", "test"][max(0, number - 7)], label=label))
    write_manifest(folder / "tones.csv", rows)
    return folder / "tones.csv"


@pytest.fixture(scope="session")
def clips(tones: Path, corpora: tuple[Path, Path]) -> Clips:
    """The tones as clips of a second, in noise."""
    return Clips([tones], [corpora[1]], 16_000, Variation())


@pytest.fixture(scope="session")
def victim(clips: Clips, fabric: Fabric, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of a WideResNet trained on the tones."""
    config = classifier.WideResNetConfig(epochs=3, steps=10, batch=12, depth=10, width=1)
    return str(run(classifier.ClassifierRecipe(clips, config, fabric), tmp_path_factory.mktemp("victim"), fabric))


@pytest.fixture(scope="session")
def spelt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tones for letters: a manifest."""
    folder, random, rows = tmp_path_factory.mktemp("spelt"), np.random.default_rng(0), []
    for number in range(24):
        letters = random.choice(list(PITCHES), size=random.integers(1, 4))
        times = np.arange(2800) / 16_000
        tones = [np.pad(np.sin(2 * np.pi * PITCHES[letter] * times), 600) for letter in letters]
        samples = 0.1 * np.concatenate(tones)
        path = folder / f"{number}.wav"
        soundfile.write(path, samples + 1e-3 * random.standard_normal(len(samples)), 16_000)
        rows.append(Utterance(path, "valid" if number % 6 == 0 else "train", text="".join(letters)))
    write_manifest(folder / "spelt.csv", rows)
    return folder / "spelt.csv"


@pytest.fixture(scope="session")
def transcripts(spelt: Path) -> Transcripts:
    """The spelt letters without noise or gain."""
    return Transcripts([spelt], [], Variation(gain=(0.0, 0.0)))


@pytest.fixture
def check_resuming(fabric: Fabric, tmp_path: Path) -> Callable[[Callable[[], Recipe], str, set[str]], None]:
    """Checks that a training of an enhancer, interrupted in its last epoch, ends in the weights of a whole one."""

    def check(make: Callable[[], Recipe], architecture: str, logged: set[str]) -> None:
        whole, parts = tmp_path / "whole", tmp_path / "parts"
        recipe = make()
        epochs = recipe.epochs
        run(recipe, whole, fabric)

        stopped = make()
        _interrupt(stopped, epochs - 1)
        with pytest.raises(KeyboardInterrupt):
            run(stopped, parts, fabric)
        assert checkpoints.load(parts / "last.ckpt")["epoch"] == epochs - 2  # the last complete epoch
        assert load_enhancer(str(parts / "best")).architecture == architecture
        torch.rand(7)  # whatever else happens to the global state
        best = run(make(), parts, fabric)

        ours, theirs = _weights(parts), _weights(whole)
        assert ours.keys() == theirs.keys() and all(torch.equal(ours[key], theirs[key]) for key in ours)
        assert (parts / "best.safetensors").read_bytes() == (whole / "best.safetensors").read_bytes()
        files = sorted(path.name for path in parts.iterdir())
        assert files == ["best.json", "best.safetensors", "last.ckpt", "log.jsonl"]

        rows = [json.loads(line) for line in (parts / "log.jsonl").read_text().splitlines()]
        assert [row["epoch"] for row in rows] == list(range(epochs))
        assert logged <= rows[-1].keys()
        card, state = load(best)
        kept = max(rows, key=lambda row: row["score"])
        assert card.metrics["epoch"] == kept["epoch"] and kept["score"] in card.metrics.values()
        assert (card.architecture, card.seed, card.licence) == (architecture, 1, "Apache-2.0")
        network = load_enhancer(str(best))
        assert all(torch.equal(value, state[key]) for key, value in network.state_dict().items())
        assert network(torch.rand(1, 1000)).shape == (1, 1000)

    return check


def _weights(folder: Path) -> dict[str, torch.Tensor]:
    """The network of the recipe after its last epoch."""
    return checkpoints.load(folder / "last.ckpt")["recipe"]["network"]


def _interrupt(recipe: Recipe, epoch: int) -> None:
    """Make `recipe` stop in the validation of an epoch, all of whose training is done."""
    validate, calls = recipe.validate, iter(range(epoch + 1))

    def stop() -> dict[str, float]:
        if next(calls) == epoch:
            raise KeyboardInterrupt
        return validate()

    recipe.validate = stop


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The weights of a small speaker encoder."""
    torch.manual_seed(0)
    config = {"channels": 16, "aggregated": 24}
    card = Card(
        name="tiny", kind="speaker encoder", architecture="ecapa-tdnn", config=config, data="", recipe="", seed=0,
        metrics={}, licence="Apache-2.0",
    )  # fmt: skip
    path = tmp_path_factory.mktemp("encoder") / "tiny.safetensors"
    save(path, ECAPATDNN(**config).state_dict(), card)
    return str(path)
