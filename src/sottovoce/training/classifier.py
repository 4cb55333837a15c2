"""Classifiers of clips: cross-entropy on clips that are shifted, louder or softer, and noisy."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

import torch
from lightning_fabric import Fabric
from torch.nn import functional

from sottovoce.models.classifiers import Classifier, SampleCNN, WideResNet
from sottovoce.training.clips import Clips, Variation
from sottovoce.training.loop import Recipe
from sottovoce.training.schedule import one_cycle
from sottovoce.weights.card import Card

AT_ONCE = 64
"""Validation clips in one forward pass."""


@dataclass(frozen=True)
class Config(ABC):
    """Settings that all classifiers share.

    Attributes:
        epochs: all epochs.
        steps: batches an epoch.
        batch: clips a step.
        lr: AdamW's highest step size; it rises over a twentieth of the training and falls along a cosine.
        weight_decay: of all weights.
        smoothing: share of the target that goes to all labels alike.
        seed: of everything.
        variation: what happens to a clip.
    """

    epochs: int = 40
    steps: int = 100
    batch: int = 64
    lr: float = 2e-3
    weight_decay: float = 1e-2
    smoothing: float = 0.1
    seed: int = 1
    variation: Variation = field(default_factory=Variation)

    @abstractmethod
    def shape(self) -> dict[str, Any]:
        """The network's constructor arguments but for the labels."""

    @property
    @abstractmethod
    def network(self) -> type[WideResNet] | type[SampleCNN]:
        """Which network."""


@dataclass(frozen=True)
class WideResNetConfig(Config):
    """The paper's: 28-10, Adam with 1e-4 and a weight decay of 1e-2, no smoothing.

    Attributes:
        depth, width: of `WideResNet`.
    """

    depth: int = 28
    width: int = 10

    def shape(self) -> dict[str, Any]:
        return {"depth": self.depth, "width": self.width}

    @property
    def network(self) -> type[WideResNet]:
        return WideResNet


@dataclass(frozen=True)
class SampleCNNConfig(Config):
    """Cross-entropy, where the paper's code has a binary loss that does not run.

    Attributes:
        channels: of `SampleCNN`.
    """

    channels: int = 128

    def shape(self) -> dict[str, Any]:
        return {"channels": self.channels}

    @property
    def network(self) -> type[SampleCNN]:
        return SampleCNN


class ClassifierRecipe(Recipe):
    """AdamW on varied clips; the epoch that gets most validation clips right is kept."""

    network: Classifier

    def __init__(self, data: Clips, config: Config, fabric: Fabric) -> None:
        torch.manual_seed(config.seed)
        self.config, self.epochs, self.data, self.fabric = config, config.epochs, data, fabric
        self.generator = torch.Generator().manual_seed(config.seed + 1000 * fabric.global_rank)
        self.network: Classifier = config.network(data.labels, **config.shape()).to(fabric.device)
        optimizer = torch.optim.AdamW(self.network.parameters(), lr=config.lr, weight_decay=config.weight_decay)
        self.model, self.optimizer = fabric.setup(self.network, optimizer)

    def train_epoch(self, epoch: int) -> dict[str, float]:
        self.model.train()
        losses, right = 0.0, 0
        for step in range(self.config.steps):
            for group in self.optimizer.param_groups:
                group["lr"] = self.config.lr * one_cycle((epoch + step / self.config.steps) / self.epochs, 0.05)
            clips, classes = (x.to(self.fabric.device) for x in self.data.batch(self.config.batch, self.generator))
            logits = self.model(clips)
            loss = functional.cross_entropy(logits, classes, label_smoothing=self.config.smoothing)
            self.optimizer.zero_grad()
            self.fabric.backward(loss)
            self.optimizer.step()
            losses, right = losses + loss.item(), right + int((logits.argmax(-1) == classes).sum())
        return {"loss": losses / self.config.steps, "accuracy": right / (self.config.steps * self.config.batch)}

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        self.network.eval()
        pieces = torch.split(self.data.valid, AT_ONCE)
        logits = torch.cat([self.network(piece.to(self.fabric.device)).cpu() for piece in pieces])
        right = (logits.argmax(-1) == self.data.valid_classes).double().mean().item()
        loss = functional.cross_entropy(logits, self.data.valid_classes).item()
        return {"score": right - 1e-3 * loss, "valid_accuracy": right, "valid_loss": loss}

    def card(self, metrics: dict[str, float]) -> Card:
        return Card(
            name=self.network.architecture,
            kind="classifier",
            architecture=self.network.architecture,
            config={"labels": list(self.data.labels), **self.config.shape()},
            data=f"{self.origin}; {len(self.data.train)} training clips",
            recipe=self.command,
            seed=self.config.seed,
            metrics={"accuracy of validation clips": metrics["valid_accuracy"], "epoch": metrics["epoch"]},
            licence="Apache-2.0",
        )
