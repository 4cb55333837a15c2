"""A training on two devices: one checkpoint, the same weights on both, those of one device with the whole batch."""

import sys
from pathlib import Path
from subprocess import run as execute

import pytest
import torch
from lightning_fabric import Fabric

from sottovoce.training import SpeechInNoise, checkpoints, run
from sottovoce.training.regression import DNNConfig, EnhancerRecipe
from sottovoce.weights import load

CONFIG = DNNConfig(epochs=2, steps=2, batch=3, hidden=4, validation=2)
FILES = {"best.safetensors", "best.json", "last.ckpt", "log.jsonl"}


class Joined:
    """Gives as one batch what several processes draw, each for itself."""

    def __init__(self, data: SpeechInNoise, processes: int) -> None:
        self.validation, self.drawn = data.validation, data.batch
        self.generators = [torch.Generator().manual_seed(CONFIG.seed + 1000 * rank) for rank in range(processes)]

    def batch(self, size: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        parts = [self.drawn(size, own) for own in self.generators]
        clean, noisy = (torch.cat(tensors) for tensors in zip(*parts, strict=True))
        return clean, noisy


class Undropped(EnhancerRecipe):
    """Without dropout, whose masks for a whole batch are not those for its parts."""

    def __init__(self, data: SpeechInNoise, fabric: Fabric) -> None:
        super().__init__(data, CONFIG, fabric)
        for module in self.network.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0


def _train(fabric: Fabric, data: SpeechInNoise, folder: Path) -> None:
    recipe = Undropped(data, fabric)
    run(recipe, folder / "run", fabric)
    torch.save(recipe.network.state_dict(), folder / f"{fabric.global_rank}.pt")


def test_gradients_are_averaged_over_processes(data: SpeechInNoise, fabric: Fabric, tmp_path: Path) -> None:
    Fabric(accelerator="cpu", devices=2, strategy="ddp_fork").launch(_train, data, tmp_path)
    first, second = (torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in range(2))
    assert {path.name for path in (tmp_path / "run").iterdir()} == FILES
    assert len((tmp_path / "run" / "log.jsonl").read_text().splitlines()) == CONFIG.epochs

    results = {}
    for processes in (1, 2):
        recipe = Undropped(Joined(data, processes), fabric)
        run(recipe, tmp_path / f"{processes} joined", fabric)
        results[processes] = recipe.network.state_dict()
    for name, weights in first.items():
        torch.testing.assert_close(weights, second[name], rtol=0, atol=0)
        torch.testing.assert_close(weights, results[2][name], rtol=1e-4, atol=1e-6)
    with pytest.raises(AssertionError):  # the second process matters
        torch.testing.assert_close(first, results[1], rtol=1e-4, atol=1e-6)


def test_the_command_line_starts_the_other_process(corpora: tuple[Path, Path], tmp_path: Path) -> None:
    settings = [f"--set={name}={value}" for name, value in (("epochs", 1), ("steps", 1), ("batch", 2), ("hidden", 4))]
    command = ["train", "dnn", "--speech", corpora[0], "--noise", corpora[1], "-o", tmp_path / "run", *settings]
    program = [sys.executable, Path(sys.executable).with_name("sottovoce")]
    done = execute([*program, *command, "--device", "cpu", "--devices", "2"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "run").iterdir()} == FILES
    checkpoint = checkpoints.load(tmp_path / "run" / "last.ckpt")
    assert len(checkpoint["generators"]) == 2
    assert load(tmp_path / "run" / "best.safetensors")[0].architecture == "dnn"
