"""A generator whose perturbation depends on a key, trained against an attacker without one."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from lightning_fabric import Fabric
from pydantic import PositiveInt
from torch import Tensor, nn
from torch.nn import functional

from sottovoce.attacks.base import frozen
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.metrics.snr import snr
from sottovoce.models.speakers import load_speaker_encoder
from sottovoce.perturbers.keyed import KEY_BYTES, KeyedSSED
from sottovoce.perturbers.ssed import MaskedNoise, Perturbed
from sottovoce.threats.budgets import SNRFloor
from sottovoce.training.loop import Recipe, means, validation_metrics
from sottovoce.training.ranges import Fraction, NonNegative, Positive
from sottovoce.training.schedule import one_cycle, set_step_size
from sottovoce.training.ssed import PAPERS_SECONDS, floor_at
from sottovoce.training.ssed_losses import excess, residual_loss
from sottovoce.training.voices import Voices
from sottovoce.weights import store
from sottovoce.weights.card import Card

DECIBELS = 20 / torch.log(torch.tensor(10.0)).item()


@dataclass(frozen=True)
class Config:
    """Settings of the recipe; those that `ssed` has as well mean the same.

    Attributes:
        channels, blocks, epsilon: of both networks; see `KeyedSSED`.
        spread: how much a key changes the features before training; see `KeyedSSED`.
        victims: names or paths of the speaker encoders to fool; the mean of their cosines is minimised.
        epochs: number of epochs.
        steps: batches per epoch.
        batch: excerpts per batch, each under two keys.
        seconds: length of an excerpt (s).
        lr: Adam's highest step size, also the attacker's; it rises over the first twentieth of the training and falls
            along a cosine.
        beta: weight of the quality term, the excess over the budget in dB, relative to the cosine.
        snr: minimum SNR of the perturbation (dB), as in `ssed`.
        apart: weight of the squared cosine between the perturbations of an excerpt under two keys, so that what one key
            gives away about the other's perturbation is little.
        guard: weight of what the attacker, a removal module without a key that is trained at the same time, gains (dB).
        gain: gain of the attacker that costs nothing (dB).
        generator: name or path of a keyed generator that is kept as it is. Only a removal module is trained, with
            `residual_loss`, starting from the generator with its noise negated. Empty to train a generator, without a
            removal module.
        keyless: with `generator`: the removal module does without a key. That is what an attacker trains who has the
            generator and makes pairs under keys of his own.
        validation: utterances in the validation set, the first 4 s of each.
        seed: seed of all random numbers.

    Example:
        >>> Config(victims=("ecapa-tdnn",)).snr
        33.0
    """

    channels: PositiveInt = 32
    blocks: PositiveInt = 6
    epsilon: Positive = 0.05
    spread: Positive = 1.0
    victims: tuple[str, ...] = ("ecapa-tdnn",)
    epochs: PositiveInt = 30
    steps: PositiveInt = 100
    batch: PositiveInt = 8
    seconds: Positive = 4.0
    lr: Positive = 2e-3
    beta: Fraction = 0.01
    snr: NonNegative = 33.0
    apart: NonNegative = 0.3
    guard: NonNegative = 0.04
    gain: NonNegative = 1.0
    generator: str = ""
    keyless: bool = False
    validation: PositiveInt = 48
    seed: int = 1


def draw_keys(count: int, generator: torch.Generator) -> Tensor:
    """Random keys, `(count, 128)` of ±1."""
    return 2.0 * torch.randint(2, (count, 8 * KEY_BYTES), generator=generator) - 1.0


class KeyedSSEDRecipe(Recipe):
    """Adam on the generator and on an attacker in turn, or on a removal module; the victims are frozen."""

    config: Config
    network: KeyedSSED
    parts: ClassVar[tuple[str, ...]] = ("network", "attacker", "optimizer", "attacking")

    def __init__(self, data: Voices, config: Config, fabric: Fabric) -> None:
        super().__init__(config, fabric)
        self.data = data
        self.removes = bool(config.generator)
        self.victims = [] if self.removes else [load_speaker_encoder(name).to(fabric.device) for name in config.victims]
        self.network = self._network().to(fabric.device)
        self.attacker = MaskedNoise(config.channels, config.blocks).to(fabric.device)
        learnt = [parameter for parameter in self.network.parameters() if parameter.requires_grad]
        self.run, self.optimizer = fabric.setup(
            _Run(self.network, removes=self.removes), torch.optim.Adam(learnt, lr=config.lr)
        )
        self.attack, self.attacking = fabric.setup(
            self.attacker, torch.optim.Adam(self.attacker.parameters(), lr=config.lr)
        )
        self.floor, self.shipped = config.snr, self.network.config
        fixed = torch.Generator().manual_seed(0)
        utterances = [u for u in data.valid if len(u) >= MODEL_RATE]
        places = torch.randint(len(utterances), (config.validation,), generator=fixed).tolist()
        self.validation = [utterances[place][: round(MODEL_RATE * PAPERS_SECONDS)].float() for place in places]
        self.validation_keys = draw_keys(2 * config.validation, fixed)

    def _network(self) -> KeyedSSED:
        config = self.config
        if not self.removes:
            network = KeyedSSED(config.channels, config.blocks, config.epsilon, config.spread)
            for unused in (network.network.removal, network.removing):
                unused.requires_grad_(False)
            return network
        given = KeyedSSED.load(config.generator)
        network = KeyedSSED(**given.config)
        network.load_state_dict(given.state_dict())
        network.network.removal.load_state_dict(given.network.generator.state_dict())
        network.removing.load_state_dict(given.hiding.state_dict())
        with torch.no_grad():
            for parameter in network.network.removal.noise.out.parameters():
                parameter.neg_()
            if config.keyless:
                network.removing.table.weight.zero_()
        for kept in (network.network.generator, network.hiding):
            kept.requires_grad_(False)
        if config.keyless:
            network.removing.table.weight.requires_grad_(False)
        return network

    def train_epoch(self, epoch: int) -> dict[str, float]:
        self.network.train(not self.removes)  # the statistics of the given generator's layers hold for its negative
        rows = []
        with frozen(self.victims):
            for step in range(self.config.steps):
                progress = (epoch + step / self.config.steps) / self.config.epochs
                self.floor = floor_at(progress, self.config.snr)
                set_step_size(self.config.lr * one_cycle(progress, 0.05), self.optimizer, self.attacking)
                excerpts = self.data.excerpts(self.config.batch, self.config.seconds, self.generator)
                keys = draw_keys(2 * len(excerpts), self.generator).to(self.fabric.device)
                rows.append(self._step(excerpts.to(self.fabric.device).repeat(2, 1), keys))
        return means(rows)

    def _step(self, waveforms: Tensor, keys: Tensor) -> dict[str, float]:
        if self.removes:
            perturbed, removed = self.run(waveforms, keys)
            loss = residual_loss(waveforms, perturbed, removed).mean()
            return {"residual": DECIBELS * self.descend(self.optimizer, loss)}
        perturbed, _ = self.run(waveforms, keys)
        terms, residuals = self._terms(waveforms, perturbed)
        for optimizer in (self.optimizer, self.attacking):
            optimizer.zero_grad()
        self.fabric.backward(terms["hiding"] + residuals.mean())
        for optimizer in (self.optimizer, self.attacking):
            optimizer.step()
        return {name: term.item() for name, term in terms.items()}

    def _heard(self, waveforms: Tensor, perturbed: Perturbed) -> Tensor:
        """What the victims hear: the perturbation scaled down to the budget."""
        budget = SNRFloor(self.floor)
        change = budget.project(perturbed.waveforms - waveforms, budget.limits(waveforms))
        return waveforms + change

    def _terms(self, waveforms: Tensor, perturbed: Perturbed) -> tuple[dict[str, Tensor], Tensor]:
        """The terms of the generator's loss, and what the attacker leaves of each perturbation (`residual_loss`).

        The second half of the batch repeats the first under other keys. One backward pass through "hiding" and the
        residuals trains both sides: the residuals' gradient is reversed on its way from the attacker to the generator
        (Ganin and Lempitsky, 2015), so that one makes them small and the other large.
        """
        config, half = self.config, len(waveforms) // 2
        heard = self._heard(waveforms, perturbed)
        with torch.no_grad():
            own = [victim(waveforms[:half]).repeat(2, 1) for victim in self.victims]
        cosines = [(victim(heard) * voice).sum(-1) for victim, voice in zip(self.victims, own, strict=True)]
        cosine = torch.stack(cosines).mean()
        quality = excess(waveforms, perturbed, self.floor).mean()
        change = heard - waveforms
        alike = functional.cosine_similarity(change[:half], change[half:]).square().mean()
        attacked = heard.clone()
        residuals = self._residual(waveforms, attacked)
        gains = -DECIBELS * residuals.detach()
        if attacked.requires_grad:
            weights = DECIBELS * config.guard * (gains > config.gain)
            attacked.register_hook(lambda gradient: -weights[:, None] * gradient)  # type: ignore[no-untyped-call]
        hiding = (1 - config.beta) * cosine + config.beta * quality + config.apart * alike
        guard = config.guard * torch.relu(gains - config.gain).mean()
        terms = {"loss": hiding.detach() + guard, "hiding": hiding}
        return {**terms, "cosine": cosine, "quality": quality, "alike": alike, "gain": gains.mean()}, residuals

    def _residual(self, waveforms: Tensor, heard: Tensor) -> Tensor:
        """What the attacker leaves of a perturbation; see `residual_loss`."""
        noise, mask = self.attack(heard)
        found = Perturbed(heard + self.network.epsilon * noise * mask, noise, mask)
        return residual_loss(waveforms, Perturbed(heard, noise, mask), found)

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """On utterances of held-out speakers: the loss with its terms, or what the removal module restores (dB)."""
        self.network.eval()
        self.attacker.eval()
        self.floor, learnt = self.config.snr, self.network.epsilon
        pairs = [
            (utterance[None].to(self.fabric.device).repeat(2, 1), keys.to(self.fabric.device))
            for utterance, keys in zip(self.validation, self.validation_keys.chunk(len(self.validation)), strict=True)
        ]
        if not self.removes:
            ratios = torch.cat([snr(waveforms, self.network(waveforms, keys=keys)) for waveforms, keys in pairs])
            self.network.network.epsilon *= 10 ** ((float(ratios.mean()) - self.config.snr) / 20)
        self.shipped = self.network.config
        rows = [self._validated(*pair) for pair in pairs]
        self.network.network.epsilon = learnt
        self.attacker.train()
        measured = {f"valid_{name}": value for name, value in means(rows).items()}
        return {"score": measured["valid_restored"] if self.removes else -measured["valid_loss"], **measured}

    def _validated(self, waveforms: Tensor, keys: Tensor) -> dict[str, float]:
        perturbed = self.network.perturbed(waveforms, keys)
        row = {"snr": snr(waveforms, perturbed.waveforms).mean().item()}
        if self.removes:
            removed = self.network.removed(perturbed.waveforms, keys).waveforms
            return row | {"restored": snr(waveforms, removed).mean().item()}
        terms, _ = self._terms(waveforms, perturbed)
        return row | {name: term.item() for name, term in terms.items()}

    def card(self, metrics: dict[str, float]) -> Card:
        return self.make_card("perturber", "keyed-ssed", self.shipped, validation_metrics(metrics), data=self._data())

    def _data(self) -> str:
        if not self.removes:
            return f"victims: {', '.join(self.config.victims)}"
        card, _ = store.load(self.config.generator)
        return f"generator as it was: {card.data}; {card.recipe}"


class _Run(nn.Module):
    """Generator and removal module in one forward pass, which training on several devices requires."""

    def __init__(self, network: KeyedSSED, *, removes: bool) -> None:
        super().__init__()
        self.network, self.removes = network, removes

    def forward(self, waveforms: Tensor, keys: Tensor) -> tuple[Perturbed, Perturbed | None]:
        """The generator's output and, if asked for, the removal module's."""
        perturbed = self.network.perturbed(waveforms, keys)
        if not self.removes:
            return perturbed, None
        return perturbed, self.network.removed(perturbed.waveforms.detach(), keys)
