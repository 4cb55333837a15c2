"""What all trained perturbers have in common."""

import torch
from torch import Tensor

from sottovoce.attacks.base import AttackResult, Listeners, Problem, frozen
from sottovoce.models.base import Model
from sottovoce.threats.budgets import Budget, Unlimited
from sottovoce.threats.domains import WaveformDomain
from sottovoce.threats.objectives import Objective


class Perturber(Model):
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
        self, listener: Listeners, waveforms: Tensor, objective: Objective, *, lengths: Tensor | None = None
    ) -> AttackResult:
        """Perturb a batch and see what the listener makes of it; see `Attack.__call__`. No query is spent."""
        problem = Problem(listener, waveforms, objective, lengths, self.budget, WaveformDomain())
        with torch.no_grad(), frozen([*problem.listeners, self.perturber]):
            perturbed = self.perturber(problem.originals, problem.lengths)
            problem.best = problem.waveforms(perturbed)
            return problem.result()
