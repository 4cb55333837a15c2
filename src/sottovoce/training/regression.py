"""Wave-U-Net, U-Net_At and DNN: regression on mixtures, adversarially if wanted (paper 001, section 3)."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor

from sottovoce.audio.batch import energy
from sottovoce.metrics.si_sdr import si_sdr
from sottovoce.models.enhancers import DNN, WaveUNet
from sottovoce.models.enhancers.wave_unet import SEGMENT
from sottovoce.training.adversarial import adversarial_loss
from sottovoce.training.data import MixingRange, SpeechInNoise
from sottovoce.training.loop import Recipe
from sottovoce.training.perceptual import PESQLoss
from sottovoce.training.schedule import one_cycle
from sottovoce.weights.card import Card

AT_ONCE = 16
SILENT = 1e-6
"""Energy of a segment that keeps the logarithm finite."""
STATISTICS = 64
"""Mixtures that the DNN's standardisation is measured on."""


@dataclass(frozen=True)
class Config(ABC):
    """Settings that these enhancers share.

    Attributes:
        epochs: all epochs.
        steps: batches an epoch.
        batch: mixtures a step.
        lr: Adam's highest step size; it rises over a twentieth of the training and falls along a cosine. The published
            1e-4 waits for a plateau.
        alpha: weight of the plain loss in adversarial training (eq. 6); 1 trains without, the paper takes 0.34.
        epsilon: size of the FGSM step of eq. 6, full scale 1; the paper gives none.
        initial: name or path of weights to go on from; empty for a fresh network.
        validation: mixtures of 4 s in the validation set.
        seed: of everything.
        mixing: training mixtures; 0 to 15 dB, as published.
    """

    epochs: int = 60
    steps: int = 100
    batch: int = 16
    lr: float = 3e-4
    alpha: float = 1.0
    epsilon: float = 0.002
    initial: str = ""
    validation: int = 32
    seed: int = 1
    mixing: MixingRange = field(default_factory=lambda: MixingRange(seconds=SEGMENT / 16_000, snr=(0.0, 15.0)))

    @abstractmethod
    def shape(self) -> dict[str, Any]:
        """The network's constructor arguments."""


@dataclass(frozen=True)
class WaveUNetConfig(Config):
    """The error of speech and of noise in dB below each of them, mean over both.

    The paper has the mean squared error, which is that of the loudest recordings at the lowest SNRs: of recordings from
    -38 to -18 dB, the rest hardly counts. What PESQ hears of the speech can be added.

    Attributes:
        levels, attention, width: of `WaveUNet`; U-Net_At has 8 levels and attention.
        pesq: dB that a point of `PESQLoss` counts as; 0, as published, leaves it out.
    """

    levels: int = 9
    attention: bool = False
    width: float = 1.0
    pesq: float = 0.0

    def shape(self) -> dict[str, Any]:
        return {"levels": self.levels, "attention": self.attention, "width": self.width}


@dataclass(frozen=True)
class DNNConfig(Config):
    """Mean absolute error of standardised log power.

    Attributes:
        hidden: of `DNN`.
    """

    hidden: int = 2048

    def shape(self) -> dict[str, Any]:
        return {"hidden": self.hidden}


class EnhancerRecipe(Recipe):
    """Adam on mixtures, and by eq. 6 on the same mixtures after a step of FGSM; SI-SDR on validation decides."""

    network: WaveUNet | DNN

    def __init__(self, data: SpeechInNoise, config: Config, fabric: Fabric) -> None:
        torch.manual_seed(config.seed)
        self.config, self.epochs, self.data, self.fabric = config, config.epochs, data, fabric
        self.generator = torch.Generator().manual_seed(config.seed + 1000 * fabric.global_rank)
        self.disturbance = PESQLoss().to(fabric.device)
        self.network, self.loss = self._network()
        self.network.train().to(fabric.device)
        optimizer = torch.optim.Adam(self.network.parameters(), lr=config.lr)
        self.model, self.optimizer = fabric.setup(self.network, optimizer)
        self.model.mark_forward_method("separate" if isinstance(self.network, WaveUNet) else "predict")
        self.validation = data.validation(config.validation, 4.0)

    def _network(self) -> tuple[WaveUNet | DNN, Callable[..., Tensor]]:
        initial = self.config.initial
        if isinstance(self.config, WaveUNetConfig):
            return WaveUNet.load(initial) if initial else WaveUNet(**self.config.shape()), self._of_waveforms
        if initial:
            return DNN.load(initial), self._of_spectra
        network = DNN(**self.config.shape())
        clean, noisy = self.data.validation(STATISTICS, 2.0, seed=1)
        for place, waveforms in enumerate((noisy, clean)):
            _, bands = network.log_power(waveforms)
            network.mean[place], network.deviation[place] = bands.mean((0, 1)), bands.std((0, 1)).clamp(min=1e-3)
        return network, self._of_spectra

    def _of_waveforms(self, clean: Tensor, noisy: Tensor, network: WaveUNet | None = None) -> Tensor:
        assert isinstance(self.config, WaveUNetConfig)
        wanted = torch.stack([clean, noisy - clean], 1)
        parts: Tensor = (network or self.model).separate(noisy).float()
        loss = 10.0 * torch.log10((energy(parts - wanted) + SILENT) / (energy(wanted) + SILENT)).mean()
        if self.config.pesq:
            loss = loss + self.config.pesq * self.disturbance(clean, parts[:, 0]).mean()
        return loss

    def _of_spectra(self, clean: Tensor, noisy: Tensor, network: DNN | None = None) -> Tensor:
        assert isinstance(self.network, DNN)
        _, wanted = self.network.log_power(clean)
        _, given = self.network.log_power(noisy)
        standardised = (wanted - self.network.mean[1]) / self.network.deviation[1]
        error: Tensor = ((network or self.model).predict(given) - standardised).abs().mean()
        return error

    def total(self, clean: Tensor, noisy: Tensor) -> Tensor:
        """The loss, and in adversarial training that of attacked mixtures (eq. 6)."""
        config = self.config
        return adversarial_loss(
            partial(self.loss, clean), partial(self._bare, clean), noisy, alpha=config.alpha, epsilon=config.epsilon
        )

    def _bare(self, clean: Tensor, noisy: Tensor) -> Tensor:
        with self.fabric.autocast():
            return self.loss(clean, noisy, self.network)

    def train_epoch(self, epoch: int) -> dict[str, float]:
        self.model.train()
        losses = 0.0
        for step in range(self.config.steps):
            for group in self.optimizer.param_groups:
                group["lr"] = self.config.lr * one_cycle((epoch + step / self.config.steps) / self.epochs, 0.05)
            clean, noisy = (x.to(self.fabric.device) for x in self.data.batch(self.config.batch, self.generator))
            loss = self.total(clean, noisy)
            self.optimizer.zero_grad()
            self.fabric.backward(loss)
            self.optimizer.step()
            losses += loss.item()
        return {"loss": losses / self.config.steps}

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        self.network.eval()
        clean, noisy = self.validation
        pieces = torch.split(noisy, AT_ONCE)
        enhanced = torch.cat([self.network(piece.to(self.fabric.device)).cpu() for piece in pieces])
        gain = (si_sdr(clean, enhanced) - si_sdr(clean, noisy)).mean().item()
        return {"score": gain, "valid_si_sdr_gain_db": gain}

    def card(self, metrics: dict[str, float]) -> Card:
        config = self.config
        return Card(
            name=self.network.architecture,
            kind="enhancer",
            architecture=self.network.architecture,
            config=self.network.config,
            data=self.origin,
            recipe=self.command,
            seed=config.seed,
            metrics={"valid_si_sdr_gain_db": metrics["score"], "epoch": metrics["epoch"]},
            licence="Apache-2.0",
            notes="" if config.alpha == 1.0 else f"adversarially trained by eq. 6, alpha {config.alpha}",
        )
