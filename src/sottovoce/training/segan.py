"""SEGAN: least-squares GAN with an L1 term (Pascual et al., Interspeech 2017)."""

from dataclasses import dataclass, field
from typing import ClassVar

import torch
from lightning_fabric import Fabric
from torch import Tensor

from sottovoce.errors import SottovoceError
from sottovoce.models.enhancers.segan import CHUNK, SEGAN, Discriminator, preemphasis
from sottovoce.training.data import MixingRange, SpeechInNoise
from sottovoce.training.loop import Recipe
from sottovoce.weights.card import Card


@dataclass(frozen=True)
class Config:
    """Settings of the recipe.

    The authors' PyTorch version trains with RMSprop at 5e-5 in batches of 300 for some 100 epochs of an hour-long
    corpus slice set; the larger steps and smaller batches here are for a training that has to end within an hour on a
    CPU.

    Attributes:
        width: scales all channels of both networks; 1 is the published size.
        epochs: all epochs.
        steps: batches an epoch.
        batch: chunks of 16384 samples a batch.
        lr: RMSprop's step size, of both networks; falls to a tenth over the last third of the epochs.
        l1: weight of the L1 term (on pre-emphasised signals).
        validation: chunks in the validation set.
        seed: of everything.
        mixing: training mixtures.
    """

    width: float = 0.25
    epochs: int = 40
    steps: int = 100
    batch: int = 16
    lr: float = 2e-4
    l1: float = 100.0
    validation: int = 128
    seed: int = 1
    mixing: MixingRange = field(default_factory=lambda: MixingRange(seconds=CHUNK / 16000))


class SEGANRecipe(Recipe):
    """A discriminator step and a generator step on every batch."""

    network: SEGAN
    parts: ClassVar = ("network", "critic", "optimizer", "critic_optimizer")

    def __init__(self, data: SpeechInNoise, config: Config, fabric: Fabric) -> None:
        if round(data.mixing.seconds * 16000) != CHUNK:
            raise SottovoceError(f"segan trains on excerpts of {CHUNK} samples; leave mixing.seconds as it is.")
        torch.manual_seed(config.seed)
        self.config, self.epochs, self.data, self.fabric = config, config.epochs, data, fabric
        self.generator = torch.Generator().manual_seed(config.seed + 1000 * fabric.global_rank)
        self.network = SEGAN(width=config.width).to(fabric.device)
        generator, critic = self.network.generator, Discriminator(config.width)
        self.enhancer, self.optimizer = fabric.setup(
            generator, torch.optim.RMSprop(generator.parameters(), lr=config.lr)
        )
        self.critic, self.critic_optimizer = fabric.setup(
            critic, torch.optim.RMSprop(critic.parameters(), lr=config.lr)
        )
        clean, noisy = data.validation(config.validation, CHUNK / 16000)
        self.validation = self._chunks(clean), self._chunks(noisy)

    def _chunks(self, waveforms: Tensor) -> Tensor:
        return preemphasis(waveforms).unsqueeze(1).to(self.fabric.device)

    def train_epoch(self, epoch: int) -> dict[str, float]:
        third = self.config.epochs * 2 // 3
        fade = max(0.0, (epoch - third) / max(1, self.config.epochs - third))
        for optimizer in (self.optimizer, self.critic_optimizer):
            for group in optimizer.param_groups:
                group["lr"] = self.config.lr * 0.1**fade
        sums = torch.zeros(3)
        for _ in range(self.config.steps):
            sums += torch.tensor(
                self._step(*(self._chunks(x) for x in self.data.batch(self.config.batch, self.generator)))
            )
        discriminator, adversarial, l1 = (sums / self.config.steps).tolist()
        return {"discriminator": discriminator, "adversarial": adversarial, "l1": l1}

    def _step(self, clean: Tensor, noisy: Tensor) -> tuple[float, float, float]:
        z = torch.randn(len(clean), *self.network.z.shape[1:], generator=self.generator).to(clean.device)
        enhanced = self.enhancer(noisy, z)
        real, fake = self.critic(clean, noisy, self.generator), self.critic(enhanced.detach(), noisy, self.generator)
        critic_loss = (real - 1.0).square().mean() + fake.square().mean()
        self.critic_optimizer.zero_grad()
        self.fabric.backward(critic_loss)
        self.critic_optimizer.step()

        adversarial = (self.critic(enhanced, noisy, self.generator) - 1.0).square().mean()
        l1 = (enhanced - clean).abs().mean()
        self.optimizer.zero_grad()
        self.fabric.backward(adversarial + self.config.l1 * l1)
        self.optimizer.step()
        return critic_loss.item(), adversarial.item(), l1.item()

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        clean, noisy = self.validation
        self.enhancer.eval()
        enhanced = self.enhancer(noisy, self.network.z)
        self.enhancer.train()
        gain = 10 * torch.log10((noisy - clean).square().sum((1, 2)) / (enhanced - clean).square().sum((1, 2)))
        return {"score": gain.mean().item()}

    def card(self, metrics: dict[str, float]) -> Card:
        return Card(
            name="segan",
            kind="enhancer",
            architecture="segan",
            config={"width": self.config.width},
            data=self.origin,
            recipe=self.command,
            seed=self.config.seed,
            metrics={"valid_snr_gain_db": metrics["score"], "epoch": metrics["epoch"]},
            licence="Apache-2.0",
        )
