"""MetricGAN+: a generator trained against a discriminator that learns to predict PESQ (Fu et al., 2021)."""

import math
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, ClassVar

import torch
from lightning_fabric import Fabric
from pydantic import NonNegativeInt, PositiveInt
from torch import Tensor, nn
from torch.nn import functional

from sottovoce.audio.spectral import magnitude, with_phase_of
from sottovoce.errors import SottovoceError
from sottovoce.models.enhancers.metricgan import Discriminator, MetricGANPlus
from sottovoce.training.data import MixingRange, SpeechInNoise
from sottovoce.training.loop import Recipe
from sottovoce.training.perceptual import PESQLoss
from sottovoce.training.pesq_pool import normalised_pesq
from sottovoce.training.ranges import Fraction, NonNegative, Positive
from sottovoce.training.schedule import set_step_size
from sottovoce.weights.card import Card

MASK_FLOOR = 0.05
"""Smallest value of the mask in training."""


@dataclass(frozen=True)
class Config:
    """Settings of the recipe.

    The published recipe (SpeechBrain) has no warm start, trains for 600 epochs in batches of one whole utterance, and
    replays a fifth of the history. This one starts from a mask trained on the squared error of log1p spectra and on
    PESQ's disturbances (see `PESQLoss`), since the discriminator is only useful near speech. Short excerpts of equal
    length, small batches and a bounded replay make it practical on a CPU.

    Attributes:
        warm_epochs: number of epochs of the warm start.
        critic_epochs: number of epochs after the warm start in which only the discriminator is trained.
        epochs: total number of epochs.
        utterances: excerpts per adversarial epoch.
        warm_utterances: excerpts per epoch of the warm start.
        batch: excerpts per batch of an adversarial epoch.
        warm_batch: excerpts per batch of the warm start.
        history: share of the earlier enhanced excerpts that is replayed to the discriminator, `utterances` at most.
        lr: Adam's step size for the generator.
        critic_lr: Adam's step size for the discriminator.
        warm_lr: Adam's initial step size in the warm start; falls to `lr` along a cosine.
        clip: norm to which gradients are clipped.
        validation: excerpts of 3 s in the validation set.
        squared_error: weight of the squared error in the warm start; PESQ's disturbances have weight 1.
        initial: name or path of weights to start from; empty for random weights.
        seed: seed of all random numbers.
        mixing: training mixtures.

    Raises:
        SottovoceError: an epoch is shorter than a batch.

    Example:
        >>> Config(warm_epochs=0, initial="metricgan-plus").mixing.snr
        (0.0, 18.0)
    """

    warm_epochs: NonNegativeInt = 70
    critic_epochs: NonNegativeInt = 4
    epochs: PositiveInt = 80
    utterances: PositiveInt = 100
    warm_utterances: PositiveInt = 1600
    batch: PositiveInt = 2
    warm_batch: PositiveInt = 16
    history: Fraction = 0.2
    lr: Positive = 1e-4
    critic_lr: Positive = 5e-4
    warm_lr: Positive = 1e-3
    clip: Positive = 5.0
    validation: PositiveInt = 60
    squared_error: NonNegative = 10.0
    initial: str = ""
    seed: int = 1
    mixing: MixingRange = field(default_factory=lambda: MixingRange(seconds=2.0, snr=(0.0, 18.0)))

    def __post_init__(self) -> None:
        for kind in ("", "warm_"):
            utterances, batch = getattr(self, f"{kind}utterances"), getattr(self, f"{kind}batch")
            if utterances < batch:
                raise SottovoceError(f"{kind}utterances must be at least {kind}batch, {batch}; it is {utterances}")


class MetricGANPlusRecipe(Recipe):
    """Warm start; then every epoch trains the discriminator, replays, trains it again, and trains the generator."""

    config: Config
    network: MetricGANPlus
    parts: ClassVar = ("network", "critic", "optimizer", "critic_optimizer")

    def __init__(self, data: SpeechInNoise, config: Config, fabric: Fabric, pool: Executor) -> None:
        super().__init__(config, fabric)
        self.data, self.pool = data, pool
        initial = MetricGANPlus.load(config.initial) if config.initial else MetricGANPlus()
        self.network = initial.train().to(fabric.device)
        self.optimizer = torch.optim.Adam(self.network.estimator.parameters(), lr=config.warm_lr)
        critic = Discriminator()
        self.critic, self.critic_optimizer = fabric.setup(
            critic, torch.optim.Adam(critic.parameters(), lr=config.critic_lr)
        )
        self.estimator, self.optimizer = fabric.setup(self.network.estimator, self.optimizer)
        self.history: list[tuple[Tensor, Tensor, Tensor]] = []
        self.validation = data.validation(config.validation, 3.0)
        self.disturbance = PESQLoss().to(fabric.device)

    def features(self, waveforms: Tensor) -> Tensor:
        """log1p magnitudes `(batch, frames, 257)`."""
        return torch.log1p(magnitude(self.network.stft(waveforms))).transpose(1, 2)

    def enhance(self, noisy: Tensor) -> tuple[Tensor, Tensor]:
        """Enhanced features and waveforms, with the mask at least `MASK_FLOOR`."""
        spectrum = self.network.stft(noisy)
        features = torch.log1p(magnitude(spectrum)).transpose(1, 2)
        enhanced = features * self.estimator(features, None).clamp(min=MASK_FLOOR)
        waveforms = self.network.stft.inverse(
            with_phase_of(torch.expm1(enhanced).transpose(1, 2), spectrum), noisy.shape[-1]
        )
        return enhanced, waveforms

    def train_epoch(self, epoch: int) -> dict[str, float]:
        config = self.config
        fade = epoch / config.warm_epochs if epoch < config.warm_epochs else 1.0
        step_size = config.lr + (config.warm_lr - config.lr) * 0.5 * (1.0 + math.cos(math.pi * fade))
        set_step_size(step_size, self.optimizer)
        if epoch < config.warm_epochs:
            return self._warm_epoch()
        return self._adversarial_epoch(train_generator=epoch >= config.warm_epochs + config.critic_epochs)

    def _batch(self, size: int) -> tuple[Tensor, Tensor]:
        clean, noisy = self.data.batch(size, self.generator)
        return clean.to(self.fabric.device), noisy.to(self.fabric.device)

    def _warm_epoch(self) -> dict[str, float]:
        losses = []
        for _ in range(self.config.warm_utterances // self.config.warm_batch):
            clean, noisy = self._batch(self.config.warm_batch)
            enhanced, waveforms = self.enhance(noisy)
            squared_error = functional.mse_loss(enhanced, self.features(clean))
            disturbance = self.disturbance(clean, waveforms).mean()
            loss = self.config.squared_error * squared_error + disturbance
            losses.append(self._descend_clipped(self.estimator, self.optimizer, loss))
        return {"warm_loss": sum(losses) / len(losses)}

    def _descend_clipped(self, model: nn.Module, optimizer: torch.optim.Optimizer, loss: Tensor) -> float:
        optimizer.zero_grad()
        self.fabric.backward(loss)
        self.fabric.clip_gradients(model, optimizer, max_norm=self.config.clip)
        optimizer.step()
        return loss.item()

    def _adversarial_epoch(self, *, train_generator: bool) -> dict[str, float]:
        batches = [self._batch(self.config.batch) for _ in range(self.config.utterances // self.config.batch)]
        first = self._scored(batches)
        examples = [(judged.half(), clean.half(), score) for judged, clean, score in first]
        critic_loss = self._critic_pass(first)
        self._critic_pass(self._replay())
        self._critic_pass(first)
        self.history += examples[: len(batches)]
        losses = []
        for clean, noisy in batches if train_generator else []:
            enhanced, _ = self.enhance(noisy)
            loss = (self.critic(enhanced, self.features(clean)) - 1.0).square().mean()
            losses.append(self._descend_clipped(self.estimator, self.optimizer, loss))
        enhanced_scores = torch.cat([score for _, _, score in first[: len(batches)]])
        return {
            "generator": sum(losses) / max(len(losses), 1),
            "discriminator": critic_loss,
            "train_pesq": 5.0 * enhanced_scores.nanmean().item() - 0.5,
        }

    def _scored(self, batches: list[tuple[Tensor, Tensor]]) -> list[tuple[Tensor, Tensor, Tensor]]:
        """(judged, clean, score) of the enhanced excerpts, then of the noisy, then of the clean (score 1)."""
        with torch.no_grad():
            enhanced = [self.enhance(noisy)[1] for _, noisy in batches]
        judged = enhanced + [noisy for _, noisy in batches]
        clean = [clean for clean, _ in batches]
        scores = normalised_pesq(self.pool, torch.cat(clean * 2), torch.cat(judged))
        rows = list(zip(judged, clean * 2, scores.to(self.fabric.device).view(len(judged), -1), strict=True))
        return rows + [(c, c, torch.ones(len(c), device=self.fabric.device)) for c in clean]

    def _replay(self) -> list[tuple[Tensor, Tensor, Tensor]]:
        count = min(round(self.config.history * len(self.history)), self.config.utterances // self.config.batch)
        order = torch.randperm(len(self.history), generator=self.generator)[:count].tolist()
        return [(self.history[i][0].float(), self.history[i][1].float(), self.history[i][2]) for i in order]

    def _critic_pass(self, rows: list[tuple[Tensor, Tensor, Tensor]]) -> float:
        order = torch.randperm(len(rows), generator=self.generator).tolist()
        losses = []
        for index in order:
            judged, clean, score = rows[index]
            known = ~score.isnan()
            if not bool(known.any()):
                continue
            prediction = self.critic(self.features(judged[known]), self.features(clean[known]))
            loss = functional.mse_loss(prediction, score[known])
            losses.append(self._descend_clipped(self.critic, self.critic_optimizer, loss))
        return sum(losses) / max(len(losses), 1)

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        clean, noisy = self.validation
        enhanced = self.enhance(noisy.to(self.fabric.device))[1]
        score = 5.0 * normalised_pesq(self.pool, clean, enhanced).nanmean().item() - 0.5
        return {"score": score}

    def state(self) -> dict[str, Any]:
        return {**super().state(), "history": self.history}

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self.history = state["history"]

    def card(self, metrics: dict[str, float]) -> Card:
        measured = {"valid_pesq_wb": metrics["score"], "epoch": metrics["epoch"]}
        return self.make_card("enhancer", "metricgan-plus", {}, measured)
