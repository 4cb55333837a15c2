"""Fast gradient sign method (Goodfellow et al., 2015)."""

from torch import Tensor

from sottovoce.attacks.base import AttackResult, Listeners, Objectives
from sottovoce.attacks.pgd import PGD
from sottovoce.ranges import number
from sottovoce.threats.budgets import Budget, Unlimited
from sottovoce.threats.domains import Domain, WaveformDomain
from sottovoce.threats.settings import Settings


class FGSM(Settings):
    """One step x − ε·sign(∇ loss), projected onto the budget.

    Dong et al. (2022, eq. 7) print a plus sign, which would move away from the target.

    Args:
        step: ε in full scale (1) or, in `Log1pDomain`, in units of log(1 + |X|); the files that Dong et al. released
            use 0.2 there.
        budget: the allowed perturbations; all by default.
        domain: the coordinates in which the step is taken; samples by default.

    Raises:
        ValueError: a figure is out of range.

    Example:
        >>> import torch
        >>> from sottovoce.channels import Quantization
        >>> from sottovoce.threats import Silence
        >>> attack = FGSM(step=0.008)
        >>> attack(Quantization(), 0.01 * torch.tensor([1.0, -1.0]).repeat(2, 80), Silence())
        AttackResult(batch=2, successes=2, snr=1.9 dB, queries=2)
    """

    def __init__(self, *, step: float = 0.02, budget: Budget | None = None, domain: Domain | None = None) -> None:
        self.step = number("step", step, above=0)
        self.budget, self.domain = budget or Unlimited(), domain or WaveformDomain()

    def __call__(
        self, listener: Listeners, waveforms: Tensor, objective: Objectives, *, lengths: Tensor | None = None
    ) -> AttackResult:
        attack = PGD(step=self.step, steps=1, budget=self.budget, domain=self.domain)
        return attack(listener, waveforms, objective, lengths=lengths)
