"""Who is attacked how, in the enhancement bench."""

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from sottovoce.attacks import FGSM, OPT, PGD, Attack
from sottovoce.threats.budgets import Budget, SNRFloor, Unlimited
from sottovoce.threats.domains import Domain, ShapedDomain, WaveformDomain
from sottovoce.threats.objectives import Erasure, Objective, Silence, Speech


@dataclass(frozen=True)
class Condition:
    """One attack on one enhancer.

    Attributes:
        attack: "fgsm", "pgd" or "opt".
        victim: the enhancer's name.
        setting: "paper" is published step sizes on waveforms towards silence without a limit; "ours" is `Erasure` in the
            shaped domain within an SNR floor; "target" is OPT towards other speech.
        floor: lowest perturbation SNR in dB, for "ours" and "target".
    """

    attack: Literal["fgsm", "pgd", "opt"]
    victim: str
    setting: Literal["paper", "ours", "target"]
    floor: float = 20.0

    @property
    def name(self) -> str:
        limit = "" if self.setting == "paper" else f", SNR ≥ {self.floor:g} dB"
        return f"{self.attack} on {self.victim} ({self.setting}{limit})"

    @property
    def slug(self) -> str:
        """The name in letters that suit a file."""
        return f"{self.attack}-{self.victim}-{self.setting}-{self.floor:g}"

    def make(self, steps: int, target: Tensor) -> tuple[Attack, Objective]:
        """The attack and its objective; `steps` for "ours" and "target", `target (batch, samples)` for the latter."""
        if self.setting == "paper":
            return self._published(), Silence()
        budget: Budget = SNRFloor(self.floor)
        domain: Domain = ShapedDomain() if self.setting == "ours" else WaveformDomain()
        if self.setting == "target":
            return OPT(steps=steps, budget=budget, domain=domain), Speech(target)
        if self.attack == "pgd":
            return PGD(step=0.05, steps=steps, decay=0.05, budget=budget, domain=domain), Erasure()
        return OPT(lr=0.05, steps=steps, decay=0.05, budget=budget, domain=domain), Erasure()

    def _published(self) -> Attack:
        if self.attack == "fgsm":
            return FGSM(budget=Unlimited())
        if self.attack == "pgd":
            return PGD(step=2e-3 if self.victim == "metricgan-plus" else 4e-3, steps=50)
        return OPT(steps=50 if self.victim == "segan" else 100)
