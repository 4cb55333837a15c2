"""What all trained perturbers have in common."""

import torch
from torch import Tensor

from sottovoce.attacks.base import AttackResult, Problem, Victims, frozen
from sottovoce.threats.budgets import Budget, Unlimited
from sottovoce.threats.domains import WaveformDomain
from sottovoce.threats.objectives import Objective
from sottovoce.victims.base import Victim


class Perturber(Victim):
    """A network that gives the perturbation in one pass: waveforms in, adversarial waveforms of the same shape out.

    Subclasses implement `forward(waveforms, lengths=None)`; the output is in [-1, 1] with exact zeros in the padding.
    """


class OnePass:
    """A perturber in the place of an attack.

    Args:
        perturber: the network.
        budget: what its perturbations are projected onto.
    """

    def __init__(self, perturber: Perturber, *, budget: Budget | None = None) -> None:
        self.perturber, self.budget = perturber, budget or Unlimited()

    def __call__(
        self, victim: Victims, waveforms: Tensor, objective: Objective, *, lengths: Tensor | None = None
    ) -> AttackResult:
        """Perturb a batch and see what the victim makes of it; see `Attack.__call__`. No query is spent."""
        problem = Problem(victim, waveforms, objective, lengths, self.budget, WaveformDomain())
        with torch.no_grad(), frozen([*problem.victims, self.perturber]):
            perturbed = self.perturber(problem.originals, problem.lengths)
            problem.best = problem.waveforms(perturbed)
            return problem.result()
