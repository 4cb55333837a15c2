"""SSED: generator and removal module, trained together against frozen speaker encoders (Guo et al., 2024)."""

from dataclasses import dataclass

import torch
from lightning_fabric import Fabric
from pydantic import PositiveInt
from torch import Tensor, nn

from sottovoce.attacks.base import frozen
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.metrics.snr import snr
from sottovoce.models.speakers import load_speaker_encoder
from sottovoce.perturbers.ssed import SSED, Perturbed
from sottovoce.threats.budgets import SNRFloor
from sottovoce.training.loop import Recipe, means, validation_metrics
from sottovoce.training.ranges import Fraction, NonNegative, Positive
from sottovoce.training.schedule import one_cycle, set_step_size
from sottovoce.training.ssed_losses import excess, quality_loss, removal_loss, residual_loss
from sottovoce.training.voices import Voices
from sottovoce.weights import store
from sottovoce.weights.card import Card

PAPERS_SECONDS = 4.0
"""Length of the excerpts to which the paper's weights of the loss terms apply."""
LOUDEST_SNR = 12.0
"""SNR of the perturbation at the beginning of a training with a minimum SNR (dB)."""


@dataclass(frozen=True)
class Config:
    """Settings of the recipe; the defaults are the paper's where it gives any.

    The norms in the losses are unsquared and per utterance, so they grow with its length. The weights apply to excerpts
    of 4 s; for other lengths the norms are scaled accordingly.

    Attributes:
        channels: channels of the first convolution of both networks; 32 is full size.
        blocks: number of residual blocks of both networks.
        normalised: whether the mask of each utterance is stretched to [0, 1].
        epsilon: ε, the largest change of a sample, relative to full scale.
        victims: names or paths of the speaker encoders to fool; the mean of their cosines is minimised.
        epochs: number of epochs.
        steps: batches per epoch.
        batch: excerpts per batch.
        seconds: length of an excerpt (s); not in the paper.
        lr: Adam's highest step size; it rises over the first twentieth of the training and falls along a cosine. In the
            paper it is constant over a longer training.
        alpha: weight of the mask's norm relative to the perturbation's (eq. 3).
        beta: weight of the quality term relative to the cosine.
        snr: not in the paper: minimum SNR of the perturbation (dB). The victims hear the perturbation scaled down to
            it, and the quality term is the excess in dB. The saved ε gives this SNR on the validation set. 0 for the
            paper's term, whose weight has to be found by trial: one that keeps the perturbation quiet at the end keeps
            it silent from the beginning, when no direction is worth its noise yet.
        gamma: weight of the sum of the noises relative to the difference of the masks in the removal loss (eq. 5).
        theta: weight of the removal loss relative to the others (eq. 6); 0 trains the generator alone.
        detached: whether the removal loss trains the removal module only, not the generator.
        generator: name or path of a model whose generator is kept as it is. Only a removal module is trained, with
            `residual_loss`, starting from the generator with its noise negated: what an attacker who has the generator
            can do (the semi-informed attacker). Empty to train both.
        validation: utterances in the validation set, the first 4 s of each.
        seed: seed of all random numbers.

    Example:
        >>> Config(victims=("ecapa-tdnn",), snr=30.0, theta=0.0).channels
        32
    """

    channels: PositiveInt = 32
    blocks: PositiveInt = 6
    normalised: bool = False
    epsilon: Positive = 0.05
    victims: tuple[str, ...] = ("resemblyzer",)
    epochs: PositiveInt = 30
    steps: PositiveInt = 100
    batch: PositiveInt = 16
    seconds: Positive = 4.0
    lr: Positive = 1e-4
    alpha: Fraction = 0.01
    beta: Fraction = 0.007
    snr: NonNegative = 0.0
    gamma: Fraction = 0.8
    theta: Fraction = 0.06
    detached: bool = False
    generator: str = ""
    validation: PositiveInt = 48
    seed: int = 1


def floor_at(progress: float, snr: float) -> float:
    """The minimum SNR (dB) at `progress` from 0 to 1; it rises to `snr` over the first half of the training.

    A loud perturbation moves the embeddings enough to learn from; its direction is kept as it gets quieter.
    """
    return min(snr, LOUDEST_SNR + (snr - LOUDEST_SNR) * 2 * progress)


class SSEDRecipe(Recipe):
    """Adam on both networks together; the victims are frozen in evaluation mode."""

    config: Config
    network: SSED

    def __init__(self, data: Voices, config: Config, fabric: Fabric) -> None:
        super().__init__(config, fabric)
        self.data = data
        self.victims = [load_speaker_encoder(name).to(fabric.device) for name in config.victims]
        self.network = self._network().to(fabric.device)
        removing = bool(config.generator) or config.theta > 0
        self.network.removal.requires_grad_(removing)
        learnt = [parameter for parameter in self.network.parameters() if parameter.requires_grad]
        optimizer = torch.optim.Adam(learnt, lr=config.lr)
        both = _BothWays(self.network, removing=removing, detached=config.detached)
        self.both, self.optimizer = fabric.setup(both, optimizer)
        self.floor, self.shipped = config.snr, self.network.config
        generator = torch.Generator().manual_seed(0)
        utterances = [u for u in data.valid if len(u) >= MODEL_RATE]
        places = torch.randint(len(utterances), (config.validation,), generator=generator).tolist()
        self.validation = [utterances[place][: round(MODEL_RATE * PAPERS_SECONDS)].float() for place in places]

    def _network(self) -> SSED:
        config = self.config
        if not config.generator:
            return SSED(config.channels, config.blocks, config.normalised, config.epsilon)
        given = SSED.load(config.generator)
        network = SSED(**given.config)
        network.generator.load_state_dict(given.generator.state_dict())
        network.removal.load_state_dict(given.generator.state_dict())
        with torch.no_grad():
            for parameter in network.removal.noise.out.parameters():
                parameter.neg_()
        network.generator.requires_grad_(False)
        return network

    def losses(self, waveforms: Tensor) -> dict[str, Tensor]:
        """The terms of the loss, averaged over the batch; "loss" is their weighted sum."""
        theta = 1.0 if self.config.generator else self.config.theta
        perturbed, known, removed = self.both(waveforms)
        terms = {"snr": snr(waveforms, perturbed.waveforms.detach())}
        total = waveforms.new_zeros(len(waveforms))
        if theta < 1:
            hiding = self._hiding(waveforms, perturbed)
            total = total + (1 - theta) * hiding["hiding"]
            terms |= hiding
        if removed is not None:
            terms["removal"] = self._removal(waveforms, known, removed)
            total = total + theta * terms["removal"]
        return {name: term.mean() for name, term in {"loss": total, **terms}.items()}

    def _hiding(self, waveforms: Tensor, perturbed: Perturbed) -> dict[str, Tensor]:
        config, heard = self.config, perturbed.waveforms
        if config.snr:
            floor = SNRFloor(self.floor)
            heard = waveforms + floor.project(heard - waveforms, floor.limits(waveforms))
            quality = excess(waveforms, perturbed, self.floor)
        else:
            quality = self._to_papers_length(waveforms) * quality_loss(waveforms, perturbed, config.alpha)
        with torch.no_grad():
            own = [victim(waveforms) for victim in self.victims]
        cosines = [(victim(heard) * voice).sum(-1) for victim, voice in zip(self.victims, own, strict=True)]
        angular = torch.stack(cosines).mean(0)
        return {
            "cosine": angular,
            "quality": quality,
            "hiding": (1 - config.beta) * angular + config.beta * quality,
        }

    def _removal(self, waveforms: Tensor, known: Perturbed, removed: Perturbed) -> Tensor:
        if self.config.generator:
            return residual_loss(waveforms, known, removed)
        return self._to_papers_length(waveforms) * removal_loss(known, removed, self.config.gamma)

    def _to_papers_length(self, waveforms: Tensor) -> float:
        return float((PAPERS_SECONDS * MODEL_RATE / waveforms.shape[-1]) ** 0.5)

    def train_epoch(self, epoch: int) -> dict[str, float]:
        self.network.train(
            not self.config.generator
        )  # the statistics of the given generator's layers hold for its negative
        rows = []
        with frozen(self.victims):
            for step in range(self.config.steps):
                progress = (epoch + step / self.config.steps) / self.config.epochs
                self.floor = floor_at(progress, self.config.snr)
                set_step_size(self.config.lr * one_cycle(progress, 0.05), self.optimizer)
                excerpts = self.data.excerpts(self.config.batch, self.config.seconds, self.generator)
                terms = self.losses(excerpts.to(self.fabric.device))
                self.descend(self.optimizer, terms["loss"])
                rows.append({name: term.item() for name, term in terms.items()})
        return means(rows)

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """The loss on utterances of held-out speakers, with its terms and SNRs in dB."""
        self.network.eval()
        self.floor, learnt = self.config.snr, self.network.epsilon
        validation = [utterance[None].to(self.fabric.device) for utterance in self.validation]
        if self.config.snr and not self.config.generator:
            ratios = torch.cat([snr(waveforms, self.network(waveforms)) for waveforms in validation])
            self.network.epsilon *= 10 ** ((float(ratios.mean()) - self.config.snr) / 20)
        self.shipped = {**self.network.config, "epsilon": self.network.epsilon}
        rows: list[dict[str, float]] = []
        for waveforms in validation:
            terms = {name: value.item() for name, value in self.losses(waveforms).items()}
            hidden = self.network(waveforms)
            if "removal" in terms:
                terms["restored_snr"] = snr(waveforms, self.network.remove(hidden)).item()
            rows.append(terms)
        self.network.epsilon = learnt
        measured = {f"valid_{name}": value for name, value in means(rows).items()}
        return {"score": -measured["valid_loss"], **measured}

    def card(self, metrics: dict[str, float]) -> Card:
        return self.make_card("perturber", "ssed", self.shipped, validation_metrics(metrics), data=self._data())

    def _data(self) -> str:
        if not self.config.generator:
            return f"victims: {', '.join(self.config.victims)}"
        card, _ = store.load(self.config.generator)
        return f"generator as it was: {card.data}; {card.recipe}"


class _BothWays(nn.Module):
    """Generator and removal module in one forward pass, which training on several devices requires."""

    def __init__(self, network: SSED, *, removing: bool, detached: bool) -> None:
        super().__init__()
        self.network, self.removing, self.detached = network, removing, detached

    def forward(self, waveforms: Tensor) -> tuple[Perturbed, Perturbed, Perturbed | None]:
        """The generator's output, the same as input of the removal module, and the removal module's output, if any."""
        perturbed = self.network.perturbed(waveforms)
        known = Perturbed(*(part.detach() for part in perturbed)) if self.detached else perturbed
        return perturbed, known, self.network.removed(known.waveforms) if self.removing else None
