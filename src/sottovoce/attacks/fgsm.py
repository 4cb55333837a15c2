"""Fast gradient sign method (Goodfellow et al., 2015)."""

from torch import Tensor

from sottovoce.attacks.base import AttackResult, Listeners
from sottovoce.attacks.pgd import PGD
from sottovoce.threats.budgets import Budget, Unlimited
from sottovoce.threats.domains import Domain, WaveformDomain
from sottovoce.threats.objectives import Objective


class FGSM:
    """One step x − ε·sign(∇ loss), then the projection onto the budget.

    The papers print a plus sign, which moves away from the target (paper A, eq. 7).

    Args:
        step: ε, in full scale 1 or, in `Log1pDomain`, in units of log(1 + |X|), where the authors' files say 0.2.
        budget: which perturbations are allowed.
        domain: in which coordinates the step is taken.
    """

    def __init__(self, *, step: float = 0.02, budget: Budget | None = None, domain: Domain | None = None) -> None:
        self.step, self.budget, self.domain = step, budget or Unlimited(), domain or WaveformDomain()

    def __call__(
        self, listener: Listeners, waveforms: Tensor, objective: Objective, *, lengths: Tensor | None = None
    ) -> AttackResult:
        attack = PGD(step=self.step, steps=1, budget=self.budget, domain=self.domain)
        return attack(listener, waveforms, objective, lengths=lengths)
