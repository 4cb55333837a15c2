"""SEGAN: least-squares GAN with an L1 term (Pascual et al., 2017)."""

from dataclasses import dataclass, field
from typing import ClassVar

import torch
from lightning_fabric import Fabric
from pydantic import PositiveInt
from torch import Tensor

from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.errors import SottovoceError
from sottovoce.models.enhancers.segan import CHUNK, SEGAN, Discriminator, preemphasis
from sottovoce.training.data import MixingRange, SpeechInNoise
from sottovoce.training.loop import Recipe
from sottovoce.training.ranges import NonNegative, Positive
from sottovoce.training.schedule import set_step_size
from sottovoce.weights.card import Card


@dataclass(frozen=True)
class Config:
    """Settings of the recipe.

    The authors' PyTorch version trains with RMSprop at 5e-5 in batches of 300 for about 100 epochs of one hour of
    chunks. The larger steps and smaller batches here let a training finish within an hour on a CPU.

    Attributes:
        width: factor on all channels of both networks; 1 is the published size.
        epochs: number of epochs.
        steps: batches per epoch.
        batch: chunks of 16,384 samples per batch.
        lr: RMSprop's step size for both networks; falls to a tenth over the last third of the epochs.
        l1: weight of the L1 term (on pre-emphasised signals).
        validation: chunks in the validation set.
        seed: seed of all random numbers.
        mixing: training mixtures.

    Example:
        >>> Config(width=1.0, epochs=100).steps
        100
    """

    width: Positive = 0.25
    epochs: PositiveInt = 40
    steps: PositiveInt = 100
    batch: PositiveInt = 16
    lr: Positive = 2e-4
    l1: NonNegative = 100.0
    validation: PositiveInt = 128
    seed: int = 1
    mixing: MixingRange = field(default_factory=lambda: MixingRange(seconds=CHUNK / MODEL_RATE))


class SEGANRecipe(Recipe):
    """One step of the discriminator and one of the generator on every batch."""

    config: Config
    network: SEGAN
    parts: ClassVar = ("network", "critic", "optimizer", "critic_optimizer")

    def __init__(self, data: SpeechInNoise, config: Config, fabric: Fabric) -> None:
        if round(data.mixing.seconds * MODEL_RATE) != CHUNK:
            raise SottovoceError(f"segan trains on excerpts of {CHUNK} samples; leave mixing.seconds at its default.")
        super().__init__(config, fabric)
        self.data = data
        self.network = SEGAN(width=config.width).to(fabric.device)
        generator, critic = self.network.generator, Discriminator(config.width)
        self.enhancer, self.optimizer = fabric.setup(
            generator, torch.optim.RMSprop(generator.parameters(), lr=config.lr)
        )
        self.critic, self.critic_optimizer = fabric.setup(
            critic, torch.optim.RMSprop(critic.parameters(), lr=config.lr)
        )
        clean, noisy = data.validation(config.validation, CHUNK / MODEL_RATE)
        self.validation = self._chunks(clean), self._chunks(noisy)

    def _chunks(self, waveforms: Tensor) -> Tensor:
        return preemphasis(waveforms).unsqueeze(1).to(self.fabric.device)

    def train_epoch(self, epoch: int) -> dict[str, float]:
        third = self.config.epochs * 2 // 3
        fade = max(0.0, (epoch - third) / max(1, self.config.epochs - third))
        set_step_size(self.config.lr * 0.1**fade, self.optimizer, self.critic_optimizer)
        sums = torch.zeros(3)
        for _ in range(self.config.steps):
            clean, noisy = self.data.batch(self.config.batch, self.generator)
            sums += torch.tensor(self._step(self._chunks(clean), self._chunks(noisy)))
        discriminator, adversarial, l1 = (sums / self.config.steps).tolist()
        return {"discriminator": discriminator, "adversarial": adversarial, "l1": l1}

    def _step(self, clean: Tensor, noisy: Tensor) -> tuple[float, float, float]:
        z = torch.randn(len(clean), *self.network.z.shape[1:], generator=self.generator).to(clean.device)
        enhanced = self.enhancer(noisy, z)
        real, fake = self.critic(clean, noisy, self.generator), self.critic(enhanced.detach(), noisy, self.generator)
        critic_loss = self.descend(self.critic_optimizer, (real - 1.0).square().mean() + fake.square().mean())

        adversarial = (self.critic(enhanced, noisy, self.generator) - 1.0).square().mean()
        l1 = (enhanced - clean).abs().mean()
        self.descend(self.optimizer, adversarial + self.config.l1 * l1)
        return critic_loss, adversarial.item(), l1.item()

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        clean, noisy = self.validation
        self.enhancer.eval()
        enhanced = self.enhancer(noisy, self.network.z)
        self.enhancer.train()
        gain = 10 * torch.log10((noisy - clean).square().sum((1, 2)) / (enhanced - clean).square().sum((1, 2)))
        return {"score": gain.mean().item()}

    def card(self, metrics: dict[str, float]) -> Card:
        measured = {"valid_snr_gain_db": metrics["score"], "epoch": metrics["epoch"]}
        return self.make_card("enhancer", "segan", {"width": self.config.width}, measured)
