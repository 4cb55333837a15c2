"""The loop that runs every recipe: epochs, validation, checkpoints, the best weights."""

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from sottovoce.training import checkpoints
from sottovoce.weights import store
from sottovoce.weights.card import Card


class Settings(Protocol):
    """What the settings of every recipe hold."""

    @property
    def epochs(self) -> int: ...

    @property
    def seed(self) -> int: ...


class Recipe(ABC):
    """How one network is trained. `run` calls `train_epoch`, `validate` and `card` in this order.

    Args:
        config: settings of the recipe; the seed is set before the subclass makes its networks.
        fabric: devices and processes to run on.

    Attributes:
        epochs: number of epochs.
        network: the network that is trained and saved.
        parts: names of the attributes, modules and optimisers, whose states are part of the checkpoint.
        generator: source of all randomness during training, one for each process; the states of all are part of the
            checkpoint.
        origin: training and validation data, for the card.
        command: the command that repeats the training, for the card.

    Example:
        >>> from types import SimpleNamespace
        >>> class Line(Recipe):
        ...     def __init__(self, config, fabric):
        ...         super().__init__(config, fabric)
        ...         self.network = nn.Linear(1, 1)
        ...         optimizer = torch.optim.SGD(self.network.parameters(), lr=0.1)
        ...         self.model, self.optimizer = fabric.setup(self.network, optimizer)
        ...     def train_epoch(self, epoch):
        ...         inputs = torch.rand(8, 1, generator=self.generator)
        ...         return {"loss": self.descend(self.optimizer, (self.model(inputs) - 2 * inputs).square().mean())}
        ...     def validate(self):
        ...         return {"score": -abs(self.network(torch.ones(1, 1)).item() - 2)}
        ...     def card(self, metrics):
        ...         return self.make_card("line", "line", {}, metrics)
        >>> recipe = Line(SimpleNamespace(epochs=20, seed=1), Fabric(accelerator="cpu", devices=1))
        >>> losses = [recipe.train_epoch(epoch)["loss"] for epoch in range(recipe.epochs)]
        >>> losses[-1] < losses[0]
        True
    """

    config: Settings
    epochs: int
    network: nn.Module
    parts: ClassVar[tuple[str, ...]] = ("network", "optimizer")
    generator: torch.Generator
    origin: str = ""
    command: str = ""

    def __init__(self, config: Settings, fabric: Fabric) -> None:
        torch.manual_seed(config.seed)
        self.config, self.epochs, self.fabric = config, config.epochs, fabric
        self.generator = torch.Generator().manual_seed(config.seed + 1000 * fabric.global_rank)

    @property
    def finished(self) -> bool:
        """Whether to stop before the last epoch; asked after every epoch."""
        return False

    @abstractmethod
    def train_epoch(self, epoch: int) -> dict[str, float]:
        """Run epoch number `epoch` (from 0) and return what to log."""

    @abstractmethod
    def validate(self) -> dict[str, float]:
        """Measure on validation material; the key "score" decides which weights are kept (higher is better)."""

    @abstractmethod
    def card(self, metrics: dict[str, float]) -> Card:
        """The card of the weights, given the log of their epoch."""

    def state(self) -> dict[str, Any]:
        """Everything needed to resume, as tensors, numbers and containers of them."""
        return {name: getattr(self, name).state_dict() for name in self.parts}

    def load_state(self, state: dict[str, Any]) -> None:
        """The inverse of `state`."""
        for name in self.parts:
            getattr(self, name).load_state_dict(state[name])

    def weights(self) -> dict[str, Tensor]:
        """The state dictionary to save."""
        return self.network.state_dict()

    def descend(self, optimizer: torch.optim.Optimizer, loss: Tensor) -> float:
        """Take one step of gradient descent, and return the loss before it."""
        optimizer.zero_grad()
        self.fabric.backward(loss)
        optimizer.step()
        return loss.item()

    def make_card(
        self,
        kind: str,
        architecture: str,
        config: Mapping[str, Any],
        metrics: Mapping[str, float],
        *,
        data: str = "",
        notes: str = "",
    ) -> Card:
        """A card with what all recipes have in common; `data` is appended to the origin."""
        return Card(
            name=architecture,
            kind=kind,
            architecture=architecture,
            config=dict(config),
            data="; ".join(part for part in (self.origin, data) if part),
            recipe=self.command,
            seed=self.config.seed,
            metrics=dict(metrics),
            licence="Apache-2.0",
            notes=notes,
        )


def validation_metrics(row: Mapping[str, float]) -> dict[str, float]:
    """What of an epoch's log belongs on the card: its number and all keys that begin with "valid_"."""
    return {name: value for name, value in row.items() if name.startswith("valid_") or name == "epoch"}


def means(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of every key over rows with the same keys."""
    return {name: sum(row[name] for row in rows) / len(rows) for name in rows[0]}


def run(recipe: Recipe, folder: Path, fabric: Fabric, *, half: bool = False) -> Path:
    """Train until the last epoch, resuming from `folder/last.ckpt` if it exists.

    Writes `log.jsonl` (one line per epoch), `last.ckpt`, and `best.safetensors` with its card. Checkpoint and weights
    are replaced atomically, so an interruption leaves the files of the last complete epoch.

    Args:
        recipe: the recipe to run.
        folder: folder of the run's files; created if missing.
        fabric: devices and processes to run on.
        half: store the weights in half precision.

    Returns:
        The path of the best weights.

    Raises:
        SottovoceError: the checkpoint is damaged.
    """
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint, best = folder / "last.ckpt", folder / "best.safetensors"
    start, best_score = 0, float("-inf")
    if checkpoint.exists():
        saved = checkpoints.load(checkpoint)
        recipe.load_state(saved["recipe"])
        _resume_generator(recipe.generator, saved["generators"], fabric.global_rank)
        start, best_score = saved["epoch"] + 1, saved["best_score"]
        fabric.print(f"resuming from {checkpoint} at epoch {start}")
    for epoch in range(start, start if recipe.finished else recipe.epochs):
        began = time.monotonic()
        _seed_dropout(recipe.config.seed, epoch, fabric.global_rank)
        row = {"epoch": float(epoch), **recipe.train_epoch(epoch), **recipe.validate()}
        row["seconds"] = time.monotonic() - began
        generators = _generators(recipe.generator, fabric)
        fabric.print("  ".join(f"{key} {value:.4g}" for key, value in row.items()), flush=True)
        if fabric.is_global_zero:
            with (folder / "log.jsonl").open("a", encoding="utf-8") as log:
                log.write(json.dumps(row) + "\n")
            if row["score"] > best_score:
                best_score = row["score"]
                store.save(best, recipe.weights(), recipe.card(row), half=half)
            state = {
                "recipe": recipe.state(),
                "generators": generators,
                "epoch": epoch,
                "best_score": best_score,
            }
            checkpoints.save(checkpoint, state)
        fabric.barrier()
        if recipe.finished:
            break
    return best


def _seed_dropout(seed: int, epoch: int, rank: int) -> None:
    """Other masks for every process and epoch, and the same ones after an interruption."""
    entropy = np.random.SeedSequence([seed % 2**64, epoch, rank])
    torch.manual_seed(int(entropy.generate_state(1, np.uint64)[0] >> 1))


def _generators(generator: torch.Generator, fabric: Fabric) -> Tensor:
    """The states of the generators of all processes, `(processes, bytes)`; every process has to call this."""
    state = generator.get_state()
    gathered = fabric.all_gather(state)
    assert isinstance(gathered, Tensor)
    return gathered.reshape(-1, len(state)).cpu()


def _resume_generator(generator: torch.Generator, states: Tensor, rank: int) -> None:
    """Continue the generator of a process where it stopped; one that was not there before starts with its own seed."""
    if rank < len(states):
        generator.set_state(states[rank].clone())
