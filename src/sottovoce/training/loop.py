"""The loop that runs any recipe: epochs, validation, checkpoints, the best weights."""

import json
import os
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from sottovoce.weights import store
from sottovoce.weights.card import Card


class Recipe(ABC):
    """How one network is trained. The loop calls the methods in the order below.

    Attributes:
        epochs: how many to run.
        network: what is trained and shipped.
        parts: names of the attributes, modules and optimisers, whose states resuming needs.
        generator: source of all randomness; its state is part of the checkpoint.
        origin: what it is trained and validated on, for the card.
        command: what a person types to train it again, for the card.
    """

    epochs: int
    network: nn.Module
    parts: ClassVar[tuple[str, ...]] = ("network", "optimizer")
    generator: torch.Generator
    origin: str = ""
    command: str = ""

    @property
    def finished(self) -> bool:
        """Whether to stop before the last epoch; asked after every one."""
        return False

    @abstractmethod
    def train_epoch(self, epoch: int) -> dict[str, float]:
        """Run epoch number `epoch` (from 0) and return what to log."""

    @abstractmethod
    def validate(self) -> dict[str, float]:
        """Measure on validation material; the key "score" decides which weights are kept (higher is better)."""

    def state(self) -> dict[str, Any]:
        """Everything that resuming needs, as tensors, numbers and containers of them."""
        return {name: getattr(self, name).state_dict() for name in self.parts}

    def load_state(self, state: dict[str, Any]) -> None:
        """The inverse of `state`."""
        for name in self.parts:
            getattr(self, name).load_state_dict(state[name])

    def weights(self) -> dict[str, Tensor]:
        """The state dictionary to ship."""
        return self.network.state_dict()

    @abstractmethod
    def card(self, metrics: dict[str, float]) -> Card:
        """The card that goes with the weights."""


def run(recipe: Recipe, folder: Path, fabric: Fabric, *, half: bool = False) -> Path:
    """Train until the last epoch, going on from `folder/last.ckpt` where there is one.

    Writes `log.jsonl` (a line an epoch), `last.ckpt` and `best.safetensors` with its card, the last two by renaming, so
    that an interruption leaves the files of the last whole epoch.

    Args:
        recipe: what to train.
        folder: where the run's files go; made if missing.
        fabric: devices and processes to run on.
        half: store the weights in half precision.

    Returns:
        The path of the best weights.
    """
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint, best = folder / "last.ckpt", folder / "best.safetensors"
    start, best_score = 0, float("-inf")
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location="cpu", weights_only=True)
        recipe.load_state(saved["recipe"])
        recipe.generator.set_state(saved["generator"])
        start, best_score = saved["epoch"] + 1, saved["best_score"]
        fabric.print(f"going on from {checkpoint} at epoch {start}")
    for epoch in range(start, start if recipe.finished else recipe.epochs):
        began = time.monotonic()
        row = {"epoch": float(epoch), **recipe.train_epoch(epoch), **recipe.validate()}
        row["seconds"] = time.monotonic() - began
        fabric.print("  ".join(f"{key} {value:.4g}" for key, value in row.items()), flush=True)
        if fabric.is_global_zero:
            with (folder / "log.jsonl").open("a", encoding="utf-8") as log:
                log.write(json.dumps(row) + "\n")
            if row["score"] > best_score:
                best_score = row["score"]
                store.save(best, recipe.weights(), recipe.card(row), half=half)
            state = {
                "recipe": recipe.state(),
                "generator": recipe.generator.get_state(),
                "epoch": epoch,
                "best_score": best_score,
            }
            temporary = checkpoint.with_suffix(".tmp")
            torch.save(state, temporary)
            os.replace(temporary, checkpoint)
        fabric.barrier()
        if recipe.finished:
            break
    return best
