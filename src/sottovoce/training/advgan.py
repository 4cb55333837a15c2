"""AdvGAN: generator, discriminator and a frozen classifier in a game of three (paper 003, section IV, algorithm 1)."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.linalg import vector_norm
from torch.nn import functional

from sottovoce.attacks.base import frozen
from sottovoce.audio.batch import energy
from sottovoce.errors import SottovoceError
from sottovoce.models.classifiers import Classifier, load_classifier
from sottovoce.perturbers.advgan import AdvGAN, Discriminator
from sottovoce.training.clips import Clips, Variation
from sottovoce.training.loop import Recipe
from sottovoce.training.schedule import one_cycle
from sottovoce.weights.card import Card

AT_ONCE = 64
CHANGE = 0.005
"""A success rate that moves by less has not changed."""


@dataclass(frozen=True)
class Config:
    """Settings of the recipe; where paper and code differ, the code's losses and our step size.

    Attributes:
        victim: classifier to fool, a name or path.
        target: the label that is wanted; empty for a generator of all targets.
        width: of the generator.
        judge_width: of the discriminator.
        limit: largest change of a sample.
        epochs: at most; also stopped when the success rate has not changed for `patience` epochs.
        warm_up: epochs before the classifier joins the game.
        patience: epochs; 0 never stops early.
        steps: batches an epoch.
        batch: clips a step.
        lr: Adam's highest step size; falls along a cosine.
        alpha: weight of fooling the discriminator.
        beta: weight of the perturbation's norm above `bound` (eq. 8).
        gamma: weight of the mean absolute change (the code's; eq. 9 has the norm).
        bound: c of eq. 8.
        levelled: of the generator; the two norms are then those at the common level.
        snr: of the generator, in dB; the two norms then only count below it.
        initial: name or path of a generator to go on from, of which all but `snr` is kept; empty for a fresh one.
        seed: of everything.
        variation: what happens to a clip before it is perturbed.
    """

    victim: str = "wide-resnet"
    target: str = ""
    width: float = 1.0
    judge_width: float = 1.0
    limit: float = 0.3
    epochs: int = 50
    warm_up: int = 3
    patience: int = 5
    steps: int = 100
    batch: int = 64
    lr: float = 2e-4
    alpha: float = 1.0
    beta: float = 1.0
    gamma: float = 100.0
    bound: float = 0.0
    levelled: bool = True
    snr: float | None = None
    initial: str = ""
    seed: int = 1
    variation: Variation = field(default_factory=lambda: Variation(noise=0.0))


class AdvGANRecipe(Recipe):
    """Generator, then discriminator, every batch; of the epochs with the classifier, the one with the best score."""

    network: AdvGAN
    parts: ClassVar = ("network", "judge", "optimizer", "critic_optimizer")

    def __init__(self, data: Clips, config: Config, fabric: Fabric) -> None:
        torch.manual_seed(config.seed)
        self.config, self.epochs, self.data, self.fabric = config, config.epochs, data, fabric
        self.generator = torch.Generator().manual_seed(config.seed + 1000 * fabric.global_rank)
        self.victim: Classifier = load_classifier(config.victim).to(fabric.device)
        self.classes = self._classes()
        labels = [config.target] if config.target else list(self.victim.labels)
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

    def _classes(self) -> Tensor:
        """The victim's number of each of the data's labels."""
        if missing := set(self.data.labels) - set(self.victim.labels):
            raise SottovoceError(f"{self.config.victim} does not know the label '{min(missing)}'")
        return torch.tensor([self.victim.label_number(label) for label in self.data.labels])

    @property
    def finished(self) -> bool:
        """Whether the success rate has not changed for `patience` epochs, the paper's second stopping rule."""
        last = self.successes[-self.config.patience - 1 :]
        return bool(self.config.patience) and len(last) > self.config.patience and max(last) - min(last) < CHANGE

    def train_epoch(self, epoch: int) -> dict[str, float]:
        self.network.train()
        sums: dict[str, float] = {}
        with frozen([self.victim]):
            for step in range(self.config.steps):
                share = one_cycle((epoch + step / self.config.steps) / self.epochs, 0.01)
                for group in [*self.optimizer.param_groups, *self.critic_optimizer.param_groups]:
                    group["lr"] = self.config.lr * share
                clips, labels = self.data.batch(self.config.batch, self.generator)
                sources = self.classes[labels]
                targets = self._targets(sources)
                kept = targets != sources
                terms = self._step(*(x[kept].to(self.fabric.device) for x in (clips, targets)), epoch=epoch)
                for name, value in terms.items():
                    sums[name] = sums.get(name, 0.0) + value
        return {name: value / self.config.steps for name, value in sums.items()}

    def _targets(self, sources: Tensor) -> Tensor:
        """A class for every clip: the one target, or any but its own."""
        if self.config.target:
            return torch.full_like(sources, self.victim.label_number(self.config.target))
        others = torch.randint(len(self.victim.labels) - 1, sources.shape, generator=self.generator)
        return others + (others >= sources)

    def losses(self, clips: Tensor, changes: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """The generator's terms, unweighted: "target" (eq. 6), "fool" (least squares), "hinge" (eq. 8), "change"."""
        perturbed, gains = (clips + changes).clamp(-1.0, 1.0), self.network.gains(clips)
        return {
            "target": functional.cross_entropy(self.victim(perturbed), targets),
            "fool": (self._verdict(perturbed) - 1.0).square().mean(),
            "hinge": (vector_norm(gains * changes, dim=-1) - self.config.bound).clamp(min=0.0).mean(),
            "change": (gains * (perturbed - clips)).abs().mean(),
        }

    def _verdict(self, perturbed: Tensor) -> Tensor:
        """The discriminator's, whose own gradients the generator's step has no use for."""
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
        self.optimizer.zero_grad()
        self.fabric.backward(total)
        self.optimizer.step()

        perturbed = (clips + changes.detach()).clamp(-1.0, 1.0)
        real, fake = self.critic(clips), self.critic(perturbed)
        judged = 0.5 * ((real - 1.0).square().mean() + fake.square().mean())
        self.critic_optimizer.zero_grad()
        self.fabric.backward(judged)
        self.critic_optimizer.step()
        return {"loss": total.item(), "judge": judged.item(), **{name: term.item() for name, term in terms.items()}}

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """Success and SNR on clips that the victim gets right, each towards the same other class every time."""
        self.network.eval()
        sources = self.classes[self.data.valid_classes]
        count = len(self.victim.labels)
        targets = (sources + 1 + torch.arange(len(sources)) % (count - 1)) % count
        if self.config.target:
            targets = torch.full_like(sources, self.victim.label_number(self.config.target))
        hits, counted, ratios = 0, 0, []
        for clips, source, target in zip(
            *(torch.split(x, AT_ONCE) for x in (self.data.valid, sources, targets)), strict=True
        ):
            clips, source, target = (x.to(self.fabric.device) for x in (clips, source, target))
            usable = (self.victim(clips).argmax(-1) == source) & (source != target)
            clips, target = clips[usable], target[usable]
            if not len(clips):
                continue
            perturbed = self.network(clips, targets=None if self.config.target else target)
            hits += int((self.victim(perturbed).argmax(-1) == target).sum())
            counted += len(clips)
            ratios += (10 * torch.log10(energy(clips) / energy(perturbed - clips).clamp(min=1e-12))).tolist()
        success, snr = hits / max(1, counted), sum(ratios) / max(1, len(ratios))
        self.successes.append(success)
        return {"score": success + 0.01 * min(snr, 20.0), "valid_success": success, "valid_snr": snr}

    def state(self) -> dict[str, Any]:
        return {**super().state(), "successes": self.successes}

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self.successes = list(state["successes"])

    def card(self, metrics: dict[str, float]) -> Card:
        return Card(
            name="advgan",
            kind="perturber",
            architecture="advgan",
            config=self.network.config,
            data=f"{self.origin}; victim: {self.config.victim}",
            recipe=self.command,
            seed=self.config.seed,
            metrics={name: value for name, value in metrics.items() if name.startswith("valid_") or name == "epoch"},
            licence="Apache-2.0",
        )


class _Perturbation(nn.Module):
    """G(x), as training on several devices wants it."""

    def __init__(self, network: AdvGAN) -> None:
        super().__init__()
        self.network = network

    def forward(self, clips: Tensor, targets: Tensor | None) -> Tensor:
        return self.network.perturbation(clips, targets)
