"""SSED: generator and removal module, trained together against frozen speaker encoders (paper 004, section 3)."""

from dataclasses import dataclass

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.linalg import vector_norm

from sottovoce.attacks.base import frozen
from sottovoce.audio.batch import energy
from sottovoce.metrics.snr import snr
from sottovoce.models.speakers import load_speaker_encoder
from sottovoce.perturbers.ssed import SSED, Perturbed
from sottovoce.threats.budgets import SNRFloor
from sottovoce.training.loop import Recipe
from sottovoce.training.schedule import one_cycle
from sottovoce.training.voices import Voices
from sottovoce.weights import store
from sottovoce.weights.card import Card


@dataclass(frozen=True)
class Config:
    """Settings of the recipe; the paper's where it gives any.

    The norms in the losses are per utterance and unsquared, so that they grow with its length: the weights belong to
    excerpts of 4 s. For other lengths the norms are scaled to that length.

    Attributes:
        channels, blocks, normalised, epsilon: of both networks, see `MaskedNoise` and `SSED`.
        victims: speaker encoders, names or paths; the mean of their cosines is what counts.
        epochs: all epochs.
        steps: batches an epoch.
        batch: excerpts a step.
        seconds: length of an excerpt; not in the paper.
        lr: Adam's highest step size; it rises over a twentieth of the training and falls along a cosine. The paper's is
            constant over a longer training.
        alpha: weight of the mask's norm against that of the perturbation (eq. 3).
        beta: weight of the quality term against the cosine.
        snr: ours: the victims hear the perturbation brought down to this SNR in dB, and the quality term is by how many
            dB it is louder; what is shipped has an ε that gives this SNR on the validation set. 0 for the paper's
            term, whose weight has to be found by trial: one that keeps the perturbation quiet at the end keeps it
            silent from the beginning, when no direction is worth its noise yet.
        gamma: weight of the noises' sum against the masks' difference in the removal loss (eq. 5).
        theta: weight of the removal loss against all else (eq. 6); 0 learns the generator alone.
        detached: whether the removal loss reaches the removal module alone, not the generator.
        generator: name or path of a model whose generator is taken and kept as it is, so that only a removal module is
            learnt, by `residual_loss`: what an attacker can do who has the generator (the semi-informed one). It begins
            as the generator with its noise negated. Empty to learn both.
        validation: excerpts of 4 s in the validation set.
        seed: of everything.
    """

    channels: int = 32
    blocks: int = 6
    normalised: bool = False
    epsilon: float = 0.05
    victims: tuple[str, ...] = ("resemblyzer",)
    epochs: int = 30
    steps: int = 100
    batch: int = 16
    seconds: float = 4.0
    lr: float = 1e-4
    alpha: float = 0.01
    beta: float = 0.007
    snr: float = 0.0
    gamma: float = 0.8
    theta: float = 0.06
    detached: bool = False
    generator: str = ""
    validation: int = 48
    seed: int = 1


PAPERS_SECONDS = 4.0
LOUDEST_SNR = 12.0
"""Of the perturbation when a training towards a wanted SNR begins, in dB."""


def quality_loss(waveforms: Tensor, perturbed: Perturbed, alpha: float) -> Tensor:
    """(1 - α)·‖x* - x‖₂ + α·‖m‖₂ per utterance, `(batch,)` (eq. 3)."""
    change: Tensor = vector_norm(perturbed.waveforms - waveforms, dim=-1)
    mask: Tensor = vector_norm(perturbed.mask, dim=-1)
    return (1 - alpha) * change + alpha * mask


def removal_loss(perturbed: Perturbed, removed: Perturbed, gamma: float) -> Tensor:
    """(1 - γ)·‖m - m*‖₂ + γ·‖n + n*‖₂ per utterance, n* and m* the removal module's, `(batch,)` (eq. 5)."""
    masks: Tensor = vector_norm(perturbed.mask - removed.mask, dim=-1)
    noises: Tensor = vector_norm(perturbed.noise + removed.noise, dim=-1)
    return (1 - gamma) * masks + gamma * noises


def excess(waveforms: Tensor, perturbed: Perturbed, floor: float) -> Tensor:
    """By how many dB a perturbation is louder than an SNR of `floor` dB allows, at least 0: `(batch,)`."""
    louder = energy(perturbed.waveforms - waveforms) / energy(waveforms).clamp(min=1e-9)
    return torch.relu(10 * torch.log10(louder.clamp(min=1e-9)) + floor)


def floor_at(progress: float, snr: float) -> float:
    """The lowest SNR in dB at `progress` from 0 to 1: up to the wanted one over the first half of the training.

    A loud perturbation moves the embeddings enough to learn from; a direction once found is kept as it gets quieter.
    """
    return min(snr, LOUDEST_SNR + (snr - LOUDEST_SNR) * 2 * progress)


def residual_loss(waveforms: Tensor, perturbed: Perturbed, removed: Perturbed) -> Tensor:
    """ln(‖x̂ - x‖₂ / ‖x' - x‖₂) per utterance, what is left of the perturbation, `(batch,)`.

    Ours: noise and mask by themselves do not matter once the generator is given, and where the mask is 0 neither does
    the noise.
    """
    left, added = (energy(each.waveforms - waveforms) for each in (removed, perturbed))
    return 0.5 * torch.log((left + 1e-12) / (added + 1e-12))


class SSEDRecipe(Recipe):
    """One optimiser for both networks; the victims are frozen in evaluation mode."""

    network: SSED

    def __init__(self, data: Voices, config: Config, fabric: Fabric) -> None:
        torch.manual_seed(config.seed)
        self.config, self.epochs, self.data, self.fabric = config, config.epochs, data, fabric
        self.generator = torch.Generator().manual_seed(config.seed + 1000 * fabric.global_rank)
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
        utterances = [u for u in data.valid if len(u) >= 16_000]
        places = torch.randint(len(utterances), (config.validation,), generator=generator).tolist()
        self.validation = [utterances[place][: round(16_000 * PAPERS_SECONDS)].float() for place in places]

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
        """The terms that count, means over the batch; "loss" is what is minimised."""
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
            heard = waveforms + SNRFloor(self.floor).project(heard - waveforms, waveforms)
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
        return float((PAPERS_SECONDS * 16_000 / waveforms.shape[-1]) ** 0.5)

    def train_epoch(self, epoch: int) -> dict[str, float]:
        self.network.train(not self.config.generator)  # the statistics of the generator's layers hold for its negative
        sums: dict[str, float] = {}
        with frozen(self.victims):
            for step in range(self.config.steps):
                progress = (epoch + step / self.config.steps) / self.config.epochs
                self.floor = floor_at(progress, self.config.snr)
                for group in self.optimizer.param_groups:
                    group["lr"] = self.config.lr * one_cycle(progress, 0.05)
                excerpts = self.data.excerpts(self.config.batch, self.config.seconds, self.generator)
                terms = self.losses(excerpts.to(self.fabric.device))
                self.optimizer.zero_grad()
                self.fabric.backward(terms["loss"])
                self.optimizer.step()
                for name, term in terms.items():
                    sums[name] = sums.get(name, 0.0) + term.item()
        return {name: value / self.config.steps for name, value in sums.items()}

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """The loss on whole utterances of held-out speakers, and what it is made of in the units of people."""
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
        means = {f"valid_{name}": sum(row[name] for row in rows) / len(rows) for name in rows[0]}
        return {"score": -means["valid_loss"], **means}

    def card(self, metrics: dict[str, float]) -> Card:
        config = self.config
        return Card(
            name="ssed",
            kind="perturber",
            architecture="ssed",
            config=self.shipped,
            data=self._origin(),
            recipe=self.command,
            seed=config.seed,
            metrics={name: value for name, value in metrics.items() if name.startswith("valid_") or name == "epoch"},
            licence="Apache-2.0",
        )

    def _origin(self) -> str:
        if not self.config.generator:
            return f"{self.origin}; victims: {', '.join(self.config.victims)}"
        card, _ = store.load(self.config.generator)
        return f"{self.origin}; generator as it was: {card.data}; {card.recipe}"


class _BothWays(nn.Module):
    """Generator and removal module in one forward pass, as training on several devices wants it."""

    def __init__(self, network: SSED, *, removing: bool, detached: bool) -> None:
        super().__init__()
        self.network, self.removing, self.detached = network, removing, detached

    def forward(self, waveforms: Tensor) -> tuple[Perturbed, Perturbed, Perturbed | None]:
        """What the generator makes, the same as the removal module knows it, and what that makes of it, if anything."""
        perturbed = self.network.perturbed(waveforms)
        known = Perturbed(*(part.detach() for part in perturbed)) if self.detached else perturbed
        return perturbed, known, self.network.removed(known.waveforms) if self.removing else None
