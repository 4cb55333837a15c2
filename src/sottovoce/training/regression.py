"""Wave-U-Net, U-Net_At and DNN: regression on mixtures, with optional adversarial training (Dong et al., 2022)."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from lightning_fabric import Fabric
from pydantic import PositiveInt
from torch import Tensor

from sottovoce.audio.batch import energy
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.metrics.si_sdr import si_sdr
from sottovoce.models.enhancers import DNN, WaveUNet
from sottovoce.models.enhancers.wave_unet import SEGMENT
from sottovoce.training.adversarial import adversarial_loss
from sottovoce.training.data import MixingRange, SpeechInNoise
from sottovoce.training.loop import Recipe
from sottovoce.training.perceptual import PESQLoss
from sottovoce.training.ranges import Fraction, NonNegative, Positive
from sottovoce.training.schedule import one_cycle, set_step_size
from sottovoce.weights.card import Card

AT_ONCE = 16
"""Validation mixtures per forward pass."""
SILENT = 1e-6
"""Energy added to that of a segment, to keep the logarithm finite."""
STATISTICS = 64
"""Number of mixtures from which the statistics of the DNN's standardisation are computed."""


@dataclass(frozen=True)
class Config(ABC):
    """Settings that these enhancers share.

    Attributes:
        epochs: number of epochs.
        steps: batches per epoch.
        batch: mixtures per batch.
        lr: Adam's highest step size; it rises over the first twentieth of the training and falls along a cosine. The
            authors use 1e-4, reduced on a plateau.
        alpha: weight of the plain loss in adversarial training (eq. 6; the paper has 0.34); 1 for no adversarial
            training.
        epsilon: size of the FGSM step in eq. 6, relative to full scale; the paper does not give it.
        initial: name or path of weights to start from; empty for random weights.
        validation: mixtures of 4 s in the validation set.
        seed: seed of all random numbers.
        mixing: training mixtures; 0 to 15 dB, as published.
    """

    epochs: PositiveInt = 60
    steps: PositiveInt = 100
    batch: PositiveInt = 16
    lr: Positive = 3e-4
    alpha: Fraction = 1.0
    epsilon: NonNegative = 0.002
    initial: str = ""
    validation: PositiveInt = 32
    seed: int = 1
    mixing: MixingRange = field(default_factory=lambda: MixingRange(seconds=SEGMENT / MODEL_RATE, snr=(0.0, 15.0)))

    @abstractmethod
    def shape(self) -> dict[str, Any]:
        """Arguments of the network's constructor."""


@dataclass(frozen=True)
class WaveUNetConfig(Config):
    """Settings of the recipe for `WaveUNet`.

    The loss is the error of speech and of noise relative to each of them (dB), averaged over both. The paper has the
    mean squared error, which the loudest recordings at the lowest SNRs dominate: in mixtures with speech at -38 to
    -18 dB, the others hardly count. `PESQLoss` of the speech can be added.

    Attributes:
        levels: number of halvings of the sampling rate; U-Net_At has 8.
        attention: whether the network has self-attention, as U-Net_At does.
        width: factor on all channels; 1 is full size.
        pesq: weight of `PESQLoss` (dB per point); 0, as published, for none.

    Example:
        >>> WaveUNetConfig(levels=8, attention=True).shape()
        {'levels': 8, 'attention': True, 'width': 1.0}
    """

    levels: PositiveInt = 9
    attention: bool = False
    width: Positive = 1.0
    pesq: NonNegative = 0.0

    def shape(self) -> dict[str, Any]:
        return {"levels": self.levels, "attention": self.attention, "width": self.width}


@dataclass(frozen=True)
class DNNConfig(Config):
    """Settings of the recipe for `DNN`. The loss is the mean absolute error of the standardised log power.

    Attributes:
        hidden: units per hidden layer.

    Example:
        >>> DNNConfig(hidden=512, epochs=20).shape()
        {'hidden': 512}
    """

    hidden: PositiveInt = 2048

    def shape(self) -> dict[str, Any]:
        return {"hidden": self.hidden}


class EnhancerRecipe(Recipe):
    """Adam on mixtures, with FGSM examples in adversarial training; keeps the epoch with the highest SI-SDR gain."""

    config: Config
    network: WaveUNet | DNN

    def __init__(self, data: SpeechInNoise, config: Config, fabric: Fabric) -> None:
        super().__init__(config, fabric)
        self.data = data
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
        """The loss, with that of adversarial mixtures added in adversarial training (eq. 6)."""
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
            progress = (epoch + step / self.config.steps) / self.epochs
            set_step_size(self.config.lr * one_cycle(progress, 0.05), self.optimizer)
            clean, noisy = (x.to(self.fabric.device) for x in self.data.batch(self.config.batch, self.generator))
            losses += self.descend(self.optimizer, self.total(clean, noisy))
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
        alpha = self.config.alpha
        return self.make_card(
            "enhancer",
            self.network.architecture,
            self.network.config,
            {"valid_si_sdr_gain_db": metrics["score"], "epoch": metrics["epoch"]},
            notes="" if alpha == 1.0 else f"adversarially trained by eq. 6, alpha {alpha}",
        )
