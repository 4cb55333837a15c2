"""ECAPA-TDNN: classification of speakers with an angular margin (Desplanques et al., Interspeech 2020)."""

import math
from dataclasses import dataclass, field
from typing import ClassVar

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.nn import functional

from sottovoce.audio.batch import pad
from sottovoce.metrics.verification import eer, eer_threshold
from sottovoce.models.speakers.ecapa_tdnn import ECAPATDNN, EMBEDDING
from sottovoce.training.loop import Recipe
from sottovoce.training.schedule import one_cycle
from sottovoce.training.voices import Augmentation, Voices
from sottovoce.weights.card import Card

LONGEST = 6 * 16_000
"""Samples of a validation utterance that are embedded."""


@dataclass(frozen=True)
class Config:
    """Settings of the recipe.

    The paper trains on VoxCeleb2 with cyclic step sizes and a weight decay per layer; here, as on smaller corpora, one
    cycle, one weight decay.

    Attributes:
        channels, aggregated: of the network; 512 and 1536 are the paper's small one.
        epochs: all epochs.
        utterances: excerpts an epoch.
        batch: excerpts a step.
        seconds: length of an excerpt.
        lr: Adam's highest step size; it rises over a tenth of the training and falls along a cosine.
        weight_decay: of all weights.
        margin, scale: of the angular margin softmax.
        seed: of everything.
        augmentation: what happens to an excerpt.
    """

    channels: int = 512
    aggregated: int = 1536
    epochs: int = 30
    utterances: int = 1600
    batch: int = 32
    seconds: float = 2.0
    lr: float = 1e-3
    weight_decay: float = 2e-5
    margin: float = 0.2
    scale: float = 30.0
    seed: int = 1
    augmentation: Augmentation = field(default_factory=Augmentation)


class AngularMargin(nn.Module):
    """Additive angular margin softmax (Deng et al., CVPR 2019, eq. 3).

    Args:
        size: of the embeddings.
        classes: how many.
        margin: added to the angle of the right class, in radians.
        scale: of the cosines.
    """

    def __init__(self, size: int, classes: int, *, margin: float = 0.2, scale: float = 30.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(nn.init.xavier_normal_(torch.empty(classes, size)))
        self.margin, self.scale = margin, scale

    def forward(self, embeddings: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
        """The mean loss, and how many of `embeddings (batch, size)` are nearest to their `classes (batch,)`.

        Where the angle plus the margin would pass π, the cosine goes on falling in a straight line.
        """
        cosines = functional.linear(functional.normalize(embeddings), functional.normalize(self.weight))
        right = cosines.gather(1, classes[:, None])
        sines = (1.0 - right.square()).clamp(min=1e-9).sqrt()
        moved = right * math.cos(self.margin) - sines * math.sin(self.margin)
        moved = torch.where(right > -math.cos(self.margin), moved, right - self.margin * math.sin(self.margin))
        loss = functional.cross_entropy(self.scale * cosines.scatter(1, classes[:, None], moved), classes)
        return loss, (cosines.argmax(1) == classes).sum()


class ECAPATDNNRecipe(Recipe):
    """Adam on the margin softmax of augmented excerpts; the epoch with the lowest EER of unseen speakers is kept."""

    network: ECAPATDNN
    parts: ClassVar = ("network", "head", "optimizer")

    def __init__(self, data: Voices, config: Config, fabric: Fabric) -> None:
        torch.manual_seed(config.seed)
        self.config, self.epochs, self.data, self.fabric = config, config.epochs, data, fabric
        self.generator = torch.Generator().manual_seed(config.seed + 1000 * fabric.global_rank)
        self.network = ECAPATDNN(config.channels, config.aggregated).to(fabric.device)
        head = AngularMargin(EMBEDDING, data.classes, margin=config.margin, scale=config.scale)
        both = nn.ModuleList([self.network, head])
        optimizer = torch.optim.Adam(both.parameters(), lr=config.lr, weight_decay=config.weight_decay)
        self.model, self.optimizer = fabric.setup(_Classifier(self.network, head), optimizer)
        self.head = head
        self.steps = config.utterances // config.batch

    def train_epoch(self, epoch: int) -> dict[str, float]:
        self.model.train()
        losses, right = 0.0, 0
        for step in range(self.steps):
            for group in self.optimizer.param_groups:
                group["lr"] = self.config.lr * one_cycle((epoch + step / self.steps) / self.epochs, 0.1)
            waveforms, classes = self.data.batch(self.config.batch, self.config.seconds, self.generator)
            loss, hits = self.model(waveforms.to(self.fabric.device), classes.to(self.fabric.device))
            self.optimizer.zero_grad()
            self.fabric.backward(loss)
            self.optimizer.step()
            losses, right = losses + loss.item(), right + int(hits)
        return {"loss": losses / self.steps, "accuracy": right / (self.steps * self.config.batch)}

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
        return Card(
            name="ecapa-tdnn",
            kind="speaker encoder",
            architecture="ecapa-tdnn",
            config={"channels": self.config.channels, "aggregated": self.config.aggregated},
            data=f"{self.origin}; {len(self.data.speakers)} speakers",
            recipe=self.command,
            seed=self.config.seed,
            metrics={
                "eer of unseen validation speakers": metrics["eer"],
                "cosine at equal error": metrics["threshold"],
                "epoch": metrics["epoch"],
            },
            licence="Apache-2.0",
        )


class _Classifier(nn.Module):
    """Network and head in one forward pass, as training on several devices wants it."""

    def __init__(self, network: ECAPATDNN, head: AngularMargin) -> None:
        super().__init__()
        self.network, self.head = network, head

    def forward(self, waveforms: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
        result: tuple[Tensor, Tensor] = self.head(self.network.embed(waveforms), classes)
        return result
