"""AdvGAN: generator against discriminator and frozen classifiers (Wang et al., 2020, section IV, algorithm 1)."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

import torch
from lightning_fabric import Fabric
from pydantic import NonNegativeInt, PositiveInt
from torch import Tensor, nn
from torch.linalg import vector_norm
from torch.nn import functional

from sottovoce.attacks.base import frozen
from sottovoce.audio.batch import energy
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.channels import AdditiveNoise, RandomEqualizer, RandomShift
from sottovoce.errors import SottovoceError
from sottovoce.models.classifiers import Classifier, load_classifier
from sottovoce.perturbers.advgan import AdvGAN, Discriminator
from sottovoce.training.clips import Clips, Variation
from sottovoce.training.loop import Recipe, means, validation_metrics
from sottovoce.training.ranges import Interval, NonNegative, Positive, Real
from sottovoce.training.schedule import one_cycle, set_step_size
from sottovoce.weights.card import Card

AT_ONCE = 64
"""Validation clips per forward pass."""
CHANGE = 0.005
"""Success rates that differ by less than this count as equal."""


@dataclass(frozen=True)
class Channels:
    """Random channels between generator and victims, drawn anew for every batch; not in the paper.

    What works through them depends less on one network, and crosses better to others.

    Attributes:
        delay: largest delay (s); 0 for none.
        equalizer: spread of the gains of `RandomEqualizer` (dB); 0 for none.
        noise: lowest and highest SNR (dB) of white noise, drawn uniformly; it is left out for half of the batches, and
            for all if both are 0.

    Example:
        >>> Channels(delay=0.01).equalizer
        0.0
    """

    delay: NonNegative = 0.0
    equalizer: NonNegative = 0.0
    noise: Interval = (0.0, 0.0)

    def __call__(self, waveforms: Tensor, generator: torch.Generator) -> Tensor:
        """`waveforms (batch, samples)` as they arrive, the same shape."""
        if most := round(self.delay * MODEL_RATE):
            waveforms = RandomShift(most, generator=generator)(waveforms)
        if self.equalizer:
            waveforms = RandomEqualizer(self.equalizer, generator=generator)(waveforms)
        low, high = self.noise
        if high and float(torch.rand((), generator=generator)) < 0.5:
            snr = low + (high - low) * float(torch.rand((), generator=generator))
            waveforms = AdditiveNoise(snr, generator=generator)(waveforms)
        return waveforms


@dataclass(frozen=True)
class Config:
    """Settings of the recipe. Where the paper and the authors' code differ, the losses are the code's.

    Attributes:
        victims: names or paths of the classifiers to fool, one in the paper; the mean of their losses is minimised.
        target: the target label; empty for a generator of all targets.
        width: factor on all channels of the generator; 1 is full size.
        judge_width: factor on all channels of the discriminator; 1 is full size.
        limit: largest change of a sample, relative to full scale.
        epochs: maximum number of epochs.
        warm_up: number of epochs before the classifier's loss counts.
        patience: stop when the success rate has not changed for this many epochs; 0 never stops early.
        steps: batches per epoch.
        batch: clips per batch.
        lr: Adam's highest step size; falls along a cosine.
        alpha: weight of fooling the discriminator; 0 trains without one.
        beta: weight of the perturbation's norm above `bound` (eq. 8).
        gamma: weight of the mean absolute change (as in the code; eq. 9 has the norm).
        bound: c of eq. 8.
        levelled: `levelled` of the generator; if true, the losses on the perturbation are measured at the common level.
        snr: minimum SNR of the perturbation (dB), enforced by the generator; the losses on the perturbation then only
            count below it. None for no minimum.
        initial: name or path of a generator to start from, which keeps all its settings but `snr`; empty for random
            weights.
        seed: seed of all random numbers.
        variation: random changes to a clip before it is perturbed.
        channels: random changes to a perturbed clip before the victims hear it.

    Example:
        >>> Config(target="yes", snr=20.0).victims
        ('wide-resnet',)
    """

    victims: tuple[str, ...] = ("wide-resnet",)
    target: str = ""
    width: Positive = 1.0
    judge_width: Positive = 1.0
    limit: Positive = 0.3
    epochs: PositiveInt = 50
    warm_up: NonNegativeInt = 3
    patience: NonNegativeInt = 5
    steps: PositiveInt = 100
    batch: PositiveInt = 64
    lr: Positive = 2e-4
    alpha: NonNegative = 1.0
    beta: NonNegative = 1.0
    gamma: NonNegative = 100.0
    bound: NonNegative = 0.0
    levelled: bool = True
    snr: Real | None = None
    initial: str = ""
    seed: int = 1
    variation: Variation = field(default_factory=lambda: Variation(noise=0.0))
    channels: Channels = field(default_factory=Channels)


class AdvGANRecipe(Recipe):
    """A step of the generator and one of the discriminator on every batch; keeps the epoch with the best score."""

    config: Config
    network: AdvGAN
    parts: ClassVar = ("network", "judge", "optimizer", "critic_optimizer")

    def __init__(self, data: Clips, config: Config, fabric: Fabric) -> None:
        super().__init__(config, fabric)
        self.data = data
        self.victims = [load_classifier(name).to(fabric.device) for name in config.victims]
        self.known = self.victims[0].labels
        self.answers = [self._answers(*pair) for pair in zip(config.victims, self.victims, strict=True)]
        self.classes = self._classes()
        labels = [config.target] if config.target else list(self.known)
        self.network = self._network(labels).train().to(fabric.device)
        self.judge = Discriminator(config.judge_width).to(fabric.device)
        betas = (0.5, 0.999)
        self.perturber, self.optimizer = fabric.setup(
            _Perturbation(self.network), torch.optim.Adam(self.network.parameters(), lr=config.lr, betas=betas)
        )
        self.critic, self.critic_optimizer = fabric.setup(
            self.judge, torch.optim.Adam(self.judge.parameters(), lr=config.lr, betas=betas)
        )
        self.successes: list[float] = []

    def _network(self, labels: list[str]) -> AdvGAN:
        config = self.config
        if not config.initial:
            return AdvGAN(labels, config.width, config.limit, config.levelled, config.snr)
        network = AdvGAN.load(config.initial)
        if list(network.labels) != labels:
            raise SottovoceError(f"{config.initial}: made for the labels {', '.join(network.labels)}")
        network.snr = config.snr
        return network

    def _answers(self, name: str, victim: Classifier) -> Tensor:
        """A victim's class number of each of the first victim's labels."""
        if missing := {*self.data.labels, *self.known} - set(victim.labels):
            raise SottovoceError(f"{name} does not know the label '{min(missing)}'")
        return torch.tensor([victim.label_number(label) for label in self.known], device=self.fabric.device)

    def _classes(self) -> Tensor:
        """The first victim's class number of each label in the data."""
        return torch.tensor([self.known.index(label) for label in self.data.labels])

    @property
    def finished(self) -> bool:
        """Whether the success rate has not changed for `patience` epochs, the paper's second stopping rule."""
        last = self.successes[-self.config.patience - 1 :]
        return bool(self.config.patience) and len(last) > self.config.patience and max(last) - min(last) < CHANGE

    def train_epoch(self, epoch: int) -> dict[str, float]:
        self.network.train()
        rows = []
        with frozen(self.victims):
            for step in range(self.config.steps):
                progress = (epoch + step / self.config.steps) / self.epochs
                set_step_size(self.config.lr * one_cycle(progress, 0.01), self.optimizer, self.critic_optimizer)
                clips, labels = self.data.batch(self.config.batch, self.generator)
                sources = self.classes[labels]
                targets = self._targets(sources)
                kept = targets != sources
                rows.append(self._step(*(x[kept].to(self.fabric.device) for x in (clips, targets)), epoch=epoch))
        return means(rows)

    def _targets(self, sources: Tensor) -> Tensor:
        """A class for every clip: the single target, or any other than its own."""
        if self.config.target:
            return torch.full_like(sources, self.known.index(self.config.target))
        others = torch.randint(len(self.known) - 1, sources.shape, generator=self.generator)
        return others + (others >= sources)

    def losses(self, clips: Tensor, changes: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """The generator's terms, unweighted: "target" (eq. 6), "fool" (least squares), "hinge" (eq. 8), "change"."""
        perturbed, gains = (clips + changes).clamp(-1.0, 1.0), self.network.gains(clips)
        return {
            "target": self._missed(self.config.channels(perturbed, self.generator), targets),
            "fool": (self._verdict(perturbed) - 1.0).square().mean() if self.config.alpha else clips.new_zeros(()),
            "hinge": (vector_norm(gains * changes, dim=-1) - self.config.bound).clamp(min=0.0).mean(),
            "change": (gains * (perturbed - clips)).abs().mean(),
        }

    def _missed(self, heard: Tensor, targets: Tensor) -> Tensor:
        """The mean cross-entropy of the victims' answers with the targets, numbered as the first victim's."""
        pairs = zip(self.victims, self.answers, strict=True)
        return torch.stack([functional.cross_entropy(victim(heard), own[targets]) for victim, own in pairs]).mean()

    def _verdict(self, perturbed: Tensor) -> Tensor:
        """The discriminator's scores, without gradients to its weights, which the generator's step does not need."""
        self.judge.requires_grad_(False)
        with self.fabric.autocast():
            verdict: Tensor = self.judge(perturbed)
        self.judge.requires_grad_(True)
        return verdict.float()

    def _step(self, clips: Tensor, targets: Tensor, *, epoch: int) -> dict[str, float]:
        config = self.config
        changes = self.perturber(clips, None if config.target else targets)
        terms = self.losses(clips, changes, targets)
        weights = {
            "target": float(epoch >= config.warm_up),
            "fool": config.alpha,
            "hinge": config.beta,
            "change": config.gamma,
        }
        total = torch.stack([weights[name] * term for name, term in terms.items() if weights[name]]).sum()
        loss = self.descend(self.optimizer, total)

        judged = self._judge(clips, (clips + changes.detach()).clamp(-1.0, 1.0)) if config.alpha else 0.0
        return {"loss": loss, "judge": judged, **{name: term.item() for name, term in terms.items()}}

    def _judge(self, clips: Tensor, perturbed: Tensor) -> float:
        """A step of the discriminator, and its loss."""
        real, fake = self.critic(clips), self.critic(perturbed)
        return self.descend(self.critic_optimizer, 0.5 * ((real - 1.0).square().mean() + fake.square().mean()))

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """The lowest success rate of a victim, the rates of all, and the SNR; each clip has a fixed target.

        A victim counts the clips that it classifies correctly.
        """
        self.network.eval()
        sources = self.classes[self.data.valid_classes]
        count = len(self.known)
        targets = (sources + 1 + torch.arange(len(sources)) % (count - 1)) % count
        if self.config.target:
            targets = torch.full_like(sources, self.known.index(self.config.target))
        others = sources != targets
        hits, counted, ratios = [0] * len(self.victims), [0] * len(self.victims), []
        for clips, source, target in zip(
            *(torch.split(x[others], AT_ONCE) for x in (self.data.valid, sources, targets)), strict=True
        ):
            clips, source, target = (x.to(self.fabric.device) for x in (clips, source, target))
            perturbed = self.network(clips, targets=None if self.config.target else target)
            for place, (victim, own) in enumerate(zip(self.victims, self.answers, strict=True)):
                right = victim(clips).argmax(-1) == own[source]
                hits[place] += int((victim(perturbed).argmax(-1) == own[target])[right].sum())
                counted[place] += int(right.sum())
            ratios += (10 * torch.log10(energy(clips) / energy(perturbed - clips).clamp(min=1e-12))).tolist()
        rates = [hit / max(1, of) for hit, of in zip(hits, counted, strict=True)]
        success, snr = min(rates), sum(ratios) / max(1, len(ratios))
        self.successes.append(success)
        each = {f"valid_success_{number}": rate for number, rate in enumerate(rates, start=1)} if rates[1:] else {}
        return {"score": success + 0.01 * min(snr, 20.0), "valid_success": success, **each, "valid_snr": snr}

    def state(self) -> dict[str, Any]:
        return {**super().state(), "successes": self.successes}

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self.successes = list(state["successes"])

    def card(self, metrics: dict[str, float]) -> Card:
        victims = f"victims: {', '.join(self.config.victims)}"
        return self.make_card("perturber", "advgan", self.network.config, validation_metrics(metrics), data=victims)


class _Perturbation(nn.Module):
    """The generator's perturbation as a forward pass, which training on several devices requires."""

    def __init__(self, network: AdvGAN) -> None:
        super().__init__()
        self.network = network

    def forward(self, clips: Tensor, targets: Tensor | None) -> Tensor:
        return self.network.perturbation(clips, targets)
