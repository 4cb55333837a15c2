"""ECAPA-TDNN: classification of speakers with an angular margin (Desplanques et al., 2020)."""

import math
from dataclasses import dataclass, field
from typing import ClassVar

import torch
from lightning_fabric import Fabric
from pydantic import PositiveInt
from torch import Tensor, nn
from torch.nn import functional

from sottovoce.audio.batch import pad
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.errors import SottovoceError
from sottovoce.metrics.verification import eer, eer_threshold
from sottovoce.models.speakers.ecapa_tdnn import ECAPATDNN, EMBEDDING
from sottovoce.training.loop import Recipe
from sottovoce.training.ranges import NonNegative, Positive
from sottovoce.training.schedule import one_cycle, set_step_size
from sottovoce.training.voices import Augmentation, Voices
from sottovoce.weights.card import Card

LONGEST = 6 * MODEL_RATE
"""Samples of a validation utterance that are embedded, at most."""


@dataclass(frozen=True)
class Config:
    """Settings of the recipe.

    The authors train on VoxCeleb2 with cyclic step sizes and a weight decay per layer; for smaller corpora, this recipe
    has a single cycle and one weight decay.

    Attributes:
        channels: channels of the convolutions; 512 in the paper's small network.
        aggregated: channels of the layer that aggregates the blocks; 1536 in the paper.
        epochs: number of epochs.
        utterances: excerpts per epoch.
        batch: excerpts per batch.
        seconds: length of an excerpt (s).
        lr: Adam's highest step size; it rises over the first tenth of the training and falls along a cosine.
        weight_decay: Adam's weight decay.
        margin: margin of the softmax (radians).
        scale: scale of the cosines in the softmax.
        seed: seed of all random numbers.
        augmentation: random changes to an excerpt.

    Raises:
        SottovoceError: an epoch is shorter than a batch.

    Example:
        >>> Config(channels=256, augmentation=Augmentation(tempi=(1.0,))).aggregated
        1536
    """

    channels: PositiveInt = 512
    aggregated: PositiveInt = 1536
    epochs: PositiveInt = 30
    utterances: PositiveInt = 1600
    batch: PositiveInt = 32
    seconds: Positive = 2.0
    lr: Positive = 1e-3
    weight_decay: NonNegative = 2e-5
    margin: NonNegative = 0.2
    scale: Positive = 30.0
    seed: int = 1
    augmentation: Augmentation = field(default_factory=Augmentation)

    def __post_init__(self) -> None:
        if self.utterances < self.batch:
            raise SottovoceError(f"utterances must be at least the batch, {self.batch}; it is {self.utterances}")


class AngularMargin(nn.Module):
    """Additive angular margin softmax (Deng et al., 2019, eq. 3).

    Args:
        size: dimension of the embeddings.
        classes: number of classes.
        margin: margin that is added to the angle of the correct class (radians).
        scale: factor on the cosines before the softmax.

    Example:
        >>> head = AngularMargin(size=2, classes=2)
        >>> head.weight.data = torch.eye(2)
        >>> _, correct = head(torch.tensor([[1.0, 0.1], [0.2, 1.0]]), torch.tensor([0, 1]))
        >>> int(correct)
        2
    """

    def __init__(self, size: int, classes: int, *, margin: float = 0.2, scale: float = 30.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(nn.init.xavier_normal_(torch.empty(classes, size)))
        self.margin, self.scale = margin, scale

    def forward(self, embeddings: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
        """The mean loss, and the number of `embeddings (batch, size)` that are nearest to their `classes (batch,)`.

        Where the angle plus the margin would exceed π, the cosine is continued as a straight line.
        """
        cosines = functional.linear(functional.normalize(embeddings), functional.normalize(self.weight))
        right = cosines.gather(1, classes[:, None])
        sines = (1.0 - right.square()).clamp(min=1e-9).sqrt()
        moved = right * math.cos(self.margin) - sines * math.sin(self.margin)
        moved = torch.where(right > -math.cos(self.margin), moved, right - self.margin * math.sin(self.margin))
        loss = functional.cross_entropy(self.scale * cosines.scatter(1, classes[:, None], moved), classes)
        return loss, (cosines.argmax(1) == classes).sum()


class ECAPATDNNRecipe(Recipe):
    """Adam on the margin softmax of augmented excerpts; keeps the epoch with the lowest EER of unseen speakers."""

    config: Config
    network: ECAPATDNN
    parts: ClassVar = ("network", "head", "optimizer")

    def __init__(self, data: Voices, config: Config, fabric: Fabric) -> None:
        super().__init__(config, fabric)
        self.data = data
        self.network = ECAPATDNN(config.channels, config.aggregated).to(fabric.device)
        head = AngularMargin(EMBEDDING, data.classes, margin=config.margin, scale=config.scale)
        both = nn.ModuleList([self.network, head])
        optimizer = torch.optim.Adam(both.parameters(), lr=config.lr, weight_decay=config.weight_decay)
        self.model, self.optimizer = fabric.setup(_Classifier(self.network, head), optimizer)
        self.head = head
        self.steps = config.utterances // config.batch

    def train_epoch(self, epoch: int) -> dict[str, float]:
        self.model.train()
        losses, correct = 0.0, 0
        for step in range(self.steps):
            progress = (epoch + step / self.steps) / self.epochs
            set_step_size(self.config.lr * one_cycle(progress, 0.1), self.optimizer)
            waveforms, classes = self.data.batch(self.config.batch, self.config.seconds, self.generator)
            loss, hits = self.model(waveforms.to(self.fabric.device), classes.to(self.fabric.device))
            losses += self.descend(self.optimizer, loss)
            correct += int(hits)
        return {"loss": losses / self.steps, "accuracy": correct / (self.steps * self.config.batch)}

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        self.network.eval()
        embeddings = torch.cat([self.network(*self._validation(place)).cpu() for place in range(len(self.data.valid))])
        speakers = self.data.valid_speakers
        first, second = torch.triu_indices(len(speakers), len(speakers), 1)
        same = torch.tensor([speakers[a] == speakers[b] for a, b in zip(first.tolist(), second.tolist(), strict=True)])
        scores = (embeddings[first] * embeddings[second]).sum(1)
        rate = eer(scores, same)
        return {"score": -rate, "eer": rate, "threshold": eer_threshold(scores, same)}

    def _validation(self, place: int) -> tuple[Tensor, Tensor]:
        waveforms, lengths = pad([self.data.valid[place][:LONGEST].float()])
        return waveforms.to(self.fabric.device), lengths

    def card(self, metrics: dict[str, float]) -> Card:
        measured = {
            "eer of unseen validation speakers": metrics["eer"],
            "cosine at equal error": metrics["threshold"],
            "epoch": metrics["epoch"],
        }
        shape = {"channels": self.config.channels, "aggregated": self.config.aggregated}
        speakers = f"{len(self.data.speakers)} speakers"
        return self.make_card("speaker encoder", "ecapa-tdnn", shape, measured, data=speakers)


class _Classifier(nn.Module):
    """Network and head in one forward pass, which training on several devices requires."""

    def __init__(self, network: ECAPATDNN, head: AngularMargin) -> None:
        super().__init__()
        self.network, self.head = network, head

    def forward(self, waveforms: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
        result: tuple[Tensor, Tensor] = self.head(self.network.embed(waveforms), classes)
        return result
