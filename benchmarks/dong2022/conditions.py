"""Attacks on enhancers."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from sottovoce.attacks import FGSM, OPT, PGD, Attack
from sottovoce.protections.presets import AttackName, erasing, targeted
from sottovoce.threats.objectives import Noise, Objective, Silence

AttackKind = Literal["fgsm", "pgd", "opt"]
ATTACKS: tuple[AttackKind, ...] = ("opt", "pgd")
"""Attacks of the trade-off between SNR and error rate."""


@dataclass(frozen=True)
class Condition:
    """One attack on one enhancer.

    Attributes:
        attack: "fgsm", "pgd" or "opt".
        enhancer: name of the enhancer.
        setting: "paper" uses the published step sizes on waveforms, towards silence and without a budget; "ours" is
            what `protect words` does to enhancers, within an SNR floor; "target" does so towards other speech, "noise"
            towards white noise.
        floor: minimum SNR of the perturbation in dB; not used by "paper".
    """

    attack: AttackKind
    enhancer: str
    setting: Literal["paper", "ours", "target", "noise"]
    floor: float = 20.0

    @property
    def name(self) -> str:
        how = "published steps" if self.setting == "paper" else f"{self.setting}, SNR ≥ {self.floor:g} dB"
        return f"{self.attack} on {self.enhancer} ({how})"

    @property
    def slug(self) -> str:
        """The name as part of a file name."""
        return f"{self.attack}-{self.enhancer}-{self.setting}-{self.floor:g}"

    def make(self, target: Tensor) -> tuple[Attack, Objective]:
        """The attack and its objective; the setting "target" aims at `target (batch, samples)`."""
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
            return PGD(step=2e-3 if self.enhancer == "metricgan-plus" else 4e-3, steps=50)
        return OPT(steps=50 if self.enhancer == "segan" else 100)
