"""MetricGAN+: a generator trained to please a discriminator that learns PESQ (Fu et al., Interspeech 2021)."""

import math
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import Any, ClassVar

import torch
from lightning_fabric import Fabric
from torch import Tensor
from torch.nn import functional

from sottovoce.audio.spectral import magnitude, with_phase_of
from sottovoce.models.enhancers.metricgan import Discriminator, MetricGANPlus
from sottovoce.training.data import MixingRange, SpeechInNoise
from sottovoce.training.loop import Recipe
from sottovoce.training.perceptual import PESQLoss
from sottovoce.training.pesq_pool import normalised_pesq
from sottovoce.weights.card import Card

MASK_FLOOR = 0.05


@dataclass(frozen=True)
class Config:
    """Settings of the recipe.

    The published recipe (SpeechBrain) has no warm start, batches of one whole utterance, 600 epochs, and replays a
    fifth of all history. We start from a mask trained by squared error on log1p spectra and by PESQ's disturbances (see
    `PESQLoss`), since the discriminator's opinion is only of use near speech, take short equal-length excerpts in small
    batches, and bound the replay, which makes the recipe run on a CPU. Validation keeps whichever epoch is best.

    Attributes:
        warm_epochs: epochs of the warm start before the adversarial ones.
        critic_epochs: epochs after these in which the discriminator learns alone.
        epochs: all epochs.
        utterances: excerpts an epoch.
        warm_utterances: excerpts in a warm epoch.
        batch, warm_batch: excerpts a step.
        history: share of earlier enhanced excerpts replayed to the discriminator (at most `utterances`).
        lr, critic_lr, warm_lr: Adam's step sizes of the generator, the discriminator and the warm start; the last falls
            to `lr` along a cosine.
        clip: largest gradient norm.
        validation: excerpts of 3 s in the validation set.
        squared_error: weight of the squared error in the warm start, beside PESQ's disturbances with weight 1.
        initial: name or path of weights to go on from; empty for a fresh network.
        seed: of everything.
        mixing: training mixtures.
    """

    warm_epochs: int = 70
    critic_epochs: int = 4
    epochs: int = 80
    utterances: int = 100
    warm_utterances: int = 1600
    batch: int = 2
    warm_batch: int = 16
    history: float = 0.2
    lr: float = 1e-4
    critic_lr: float = 5e-4
    warm_lr: float = 1e-3
    clip: float = 5.0
    validation: int = 60
    squared_error: float = 10.0
    initial: str = ""
    seed: int = 1
    mixing: MixingRange = field(default_factory=lambda: MixingRange(seconds=2.0, snr=(0.0, 18.0)))


class MetricGANPlusRecipe(Recipe):
    """Warm start, then discriminator, replay, discriminator, generator in every epoch."""

    network: MetricGANPlus
    parts: ClassVar = ("network", "critic", "optimizer", "critic_optimizer")

    def __init__(self, data: SpeechInNoise, config: Config, fabric: Fabric, pool: ProcessPoolExecutor) -> None:
        torch.manual_seed(config.seed)
        self.config, self.epochs, self.pool, self.fabric = config, config.epochs, pool, fabric
        self.generator = torch.Generator().manual_seed(config.seed + 1000 * fabric.global_rank)
        self.data = data
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
        """Enhanced features and waveforms, with the mask's floor of training."""
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
        for group in self.optimizer.param_groups:
            group["lr"] = config.lr + (config.warm_lr - config.lr) * 0.5 * (1.0 + math.cos(math.pi * fade))
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
            losses.append(self._generator_step(self.config.squared_error * squared_error + disturbance))
        return {"warm_loss": sum(losses) / len(losses)}

    def _generator_step(self, loss: Tensor) -> float:
        self.optimizer.zero_grad()
        self.fabric.backward(loss)
        self.fabric.clip_gradients(self.estimator, self.optimizer, max_norm=self.config.clip)
        self.optimizer.step()
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
            losses.append(self._generator_step((self.critic(enhanced, self.features(clean)) - 1.0).square().mean()))
        enhanced_scores = torch.cat([score for _, _, score in first[: len(batches)]])
        return {
            "generator": sum(losses) / max(len(losses), 1),
            "discriminator": critic_loss,
            "train_pesq": 5.0 * enhanced_scores.nanmean().item() - 0.5,
        }

    def _scored(self, batches: list[tuple[Tensor, Tensor]]) -> list[tuple[Tensor, Tensor, Tensor]]:
        """(judged, clean, score) for the enhanced excerpts, then the noisy, then the clean themselves (score 1)."""
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
            self.critic_optimizer.zero_grad()
            self.fabric.backward(loss)
            self.fabric.clip_gradients(self.critic, self.critic_optimizer, max_norm=self.config.clip)
            self.critic_optimizer.step()
            losses.append(loss.item())
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
        return Card(
            name="metricgan-plus",
            kind="enhancer",
            architecture="metricgan-plus",
            config={},
            data=self.origin,
            recipe=self.command,
            seed=self.config.seed,
            metrics={"valid_pesq_wb": metrics["score"], "epoch": metrics["epoch"]},
            licence="Apache-2.0",
        )
