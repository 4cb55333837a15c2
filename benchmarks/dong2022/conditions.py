"""Who is attacked how, in the enhancement bench."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from sottovoce.attacks import FGSM, OPT, PGD, Attack
from sottovoce.protections.presets import AttackName, erasing, targeted
from sottovoce.threats.objectives import Noise, Objective, Silence

AttackKind = Literal["fgsm", "pgd", "opt"]
ATTACKS: tuple[AttackKind, ...] = ("opt", "pgd")
"""Those that the trade-off between SNR and error rate is drawn for."""


@dataclass(frozen=True)
class Condition:
    """One attack on one enhancer.

    Attributes:
        attack: "fgsm", "pgd" or "opt".
        victim: the enhancer's name.
        setting: "paper" is published step sizes on waveforms towards silence without a limit; "ours" is what `protect`
            does within an SNR floor; "target" is the same towards other speech, "noise" towards white noise.
        floor: lowest perturbation SNR in dB, but for "paper".
    """

    attack: AttackKind
    victim: str
    setting: Literal["paper", "ours", "target", "noise"]
    floor: float = 20.0

    @property
    def name(self) -> str:
        limit = "" if self.setting == "paper" else f", SNR ≥ {self.floor:g} dB"
        return f"{self.attack} on {self.victim} ({self.setting}{limit})"

    @property
    def slug(self) -> str:
        """The name in letters that suit a file."""
        return f"{self.attack}-{self.victim}-{self.setting}-{self.floor:g}"

    def make(self, target: Tensor) -> tuple[Attack, Objective]:
        """The attack and its objective; "target" is after `target (batch, samples)`."""
        if self.setting == "paper":
            return self._published(), Silence()
        if self.setting == "target":
            return targeted(AttackName(self.attack), self.floor, target)
        if self.setting == "noise":
            noise = Noise(target.shape[-1], generator=torch.Generator().manual_seed(0))
            return targeted(AttackName(self.attack), self.floor, noise.waveform)
        return erasing(AttackName(self.attack), self.floor)

    def _published(self) -> Attack:
        if self.attack == "fgsm":
            return FGSM()
        if self.attack == "pgd":
            return PGD(step=2e-3 if self.victim == "metricgan-plus" else 4e-3, steps=50)
        return OPT(steps=50 if self.victim == "segan" else 100)
