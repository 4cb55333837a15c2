"""Classifiers of short clips: cross-entropy on clips with random shifts, gains and noise; adversarially if wanted."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from lightning_fabric import Fabric
from pydantic import PositiveInt
from torch import Tensor, nn
from torch.nn import functional

from sottovoce.errors import SottovoceError
from sottovoce.models.classifiers import DSCNN, Res8, SampleCNN, WideResNet
from sottovoce.training.adversarial import adversarial_loss
from sottovoce.training.clips import Clips, Variation
from sottovoce.training.loop import Recipe
from sottovoce.training.ranges import Fraction, NonNegative, Positive
from sottovoce.training.schedule import one_cycle, set_step_size
from sottovoce.weights.card import Card

Network = WideResNet | SampleCNN | DSCNN | Res8
AT_ONCE = 64
"""Validation clips per forward pass."""


@dataclass(frozen=True)
class Config(ABC):
    """Settings that all classifiers share.

    Attributes:
        epochs: number of epochs.
        steps: batches per epoch.
        batch: clips per batch.
        lr: AdamW's highest step size; it rises over the first twentieth of the training and falls along a cosine.
        weight_decay: AdamW's weight decay.
        smoothing: label smoothing: the share of the target that is spread over all labels.
        alpha: weight of the plain loss in adversarial training (Dong et al., 2022, eq. 6); 1 for none.
        epsilon: size of the FGSM step in eq. 6, relative to full scale.
        initial: name or path of weights to start from; empty for random weights.
        seed: seed of all random numbers.
        variation: random changes to a training clip.
    """

    epochs: PositiveInt = 40
    steps: PositiveInt = 100
    batch: PositiveInt = 64
    lr: Positive = 2e-3
    weight_decay: NonNegative = 1e-2
    smoothing: Fraction = 0.1
    alpha: Fraction = 1.0
    epsilon: NonNegative = 0.002
    initial: str = ""
    seed: int = 1
    variation: Variation = field(default_factory=Variation)

    @abstractmethod
    def shape(self) -> dict[str, Any]:
        """Arguments of the network's constructor, without the labels."""

    @property
    @abstractmethod
    def network(self) -> type[Network]:
        """The network's class."""


@dataclass(frozen=True)
class WideResNetConfig(Config):
    """Settings of the recipe for `WideResNet`.

    Wang et al. (2020) train a 28-10 with Adam at 1e-4, a weight decay of 1e-2 and no label smoothing.

    Attributes:
        depth: number of layers, 6n + 4.
        width: factor on the channels.

    Example:
        >>> WideResNetConfig(depth=16, width=2).shape()
        {'depth': 16, 'width': 2}
    """

    depth: PositiveInt = 28
    width: PositiveInt = 10

    def shape(self) -> dict[str, Any]:
        return {"depth": self.depth, "width": self.width}

    @property
    def network(self) -> type[WideResNet]:
        return WideResNet


@dataclass(frozen=True)
class SampleCNNConfig(Config):
    """Settings of the recipe for `SampleCNN`.

    The loss is cross-entropy; the code of Wang et al. (2020) has a binary loss that does not run.

    Attributes:
        channels: channels of the first layers.

    Example:
        >>> SampleCNNConfig(channels=32).shape()
        {'channels': 32}
    """

    channels: PositiveInt = 128

    def shape(self) -> dict[str, Any]:
        return {"channels": self.channels}

    @property
    def network(self) -> type[SampleCNN]:
        return SampleCNN


@dataclass(frozen=True)
class DSCNNConfig(Config):
    """Settings of the recipe for `DSCNN`.

    Attributes:
        channels: channels of all convolutions.

    Example:
        >>> DSCNNConfig().shape()
        {'channels': 64}
    """

    channels: PositiveInt = 64

    def shape(self) -> dict[str, Any]:
        return {"channels": self.channels}

    @property
    def network(self) -> type[DSCNN]:
        return DSCNN


@dataclass(frozen=True)
class Res8Config(Config):
    """Settings of the recipe for `Res8`.

    Attributes:
        channels: channels of all convolutions.

    Example:
        >>> Res8Config().shape()
        {'channels': 45}
    """

    channels: PositiveInt = 45

    def shape(self) -> dict[str, Any]:
        return {"channels": self.channels}

    @property
    def network(self) -> type[Res8]:
        return Res8


class ClassifierRecipe(Recipe):
    """AdamW on randomly changed clips; keeps the epoch with the highest accuracy on validation clips."""

    config: Config
    network: Network

    def __init__(self, data: Clips, config: Config, fabric: Fabric) -> None:
        super().__init__(config, fabric)
        self.data = data
        self.network: Network = self._network().to(fabric.device)
        optimizer = torch.optim.AdamW(self.network.parameters(), lr=config.lr, weight_decay=config.weight_decay)
        self.model, self.optimizer = fabric.setup(self.network, optimizer)

    def _network(self) -> Network:
        kind, initial = self.config.network, self.config.initial
        if not initial:
            return kind(self.data.labels, **self.config.shape())
        network = kind.load(initial)
        if network.labels != self.data.labels:
            raise SottovoceError(f"{initial}: made for the labels {', '.join(network.labels)}")
        return network

    def loss(self, classes: Tensor, clips: Tensor, network: nn.Module | None = None) -> Tensor:
        """Cross-entropy of the answers to `clips (batch, samples)`."""
        logits = (network or self.model)(clips)
        return functional.cross_entropy(logits, classes, label_smoothing=self.config.smoothing)

    def _bare(self, classes: Tensor, clips: Tensor) -> Tensor:
        with self.fabric.autocast():
            return self.loss(classes, clips, self.network)

    def train_epoch(self, epoch: int) -> dict[str, float]:
        self.model.train()
        losses = 0.0
        for step in range(self.config.steps):
            progress = (epoch + step / self.config.steps) / self.epochs
            set_step_size(self.config.lr * one_cycle(progress, 0.05), self.optimizer)
            clips, classes = (x.to(self.fabric.device) for x in self.data.batch(self.config.batch, self.generator))
            loss = adversarial_loss(
                partial(self.loss, classes),
                partial(self._bare, classes),
                clips,
                alpha=self.config.alpha,
                epsilon=self.config.epsilon,
            )
            losses += self.descend(self.optimizer, loss)
        return {"loss": losses / self.config.steps}

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        self.network.eval()
        pieces = torch.split(self.data.valid, AT_ONCE)
        logits = torch.cat([self.network(piece.to(self.fabric.device)).cpu() for piece in pieces])
        accuracy = (logits.argmax(-1) == self.data.valid_classes).double().mean().item()
        loss = functional.cross_entropy(logits, self.data.valid_classes).item()
        return {"score": accuracy - 1e-3 * loss, "valid_accuracy": accuracy, "valid_loss": loss}

    def card(self, metrics: dict[str, float]) -> Card:
        alpha = self.config.alpha
        return self.make_card(
            "classifier",
            self.network.architecture,
            self.network.config,
            {"accuracy of validation clips": metrics["valid_accuracy"], "epoch": metrics["epoch"]},
            data=f"{len(self.data.train)} training clips",
            notes="" if alpha == 1.0 else f"adversarially trained by eq. 6, alpha {alpha}",
        )
