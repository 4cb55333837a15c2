"""Projected gradient descent (Madry et al., 2018)."""

from collections.abc import Callable

import torch
from torch import Tensor

from sottovoce.attacks.base import AttackResult, Listeners, Problem, faded, frozen
from sottovoce.threats.budgets import Budget, Unlimited
from sottovoce.threats.domains import Domain, WaveformDomain
from sottovoce.threats.objectives import Objective
from sottovoce.threats.penalties import Penalty


class PGD:
    """Steps of x − step·sign(∇ loss), each followed by the projection onto the budget and [-1, 1]; the best iterate is
    kept.

    The papers print a plus sign, which moves away from the target (paper A, eq. 8). They give no radius: `steps` of
    `step` bound each sample anyway, so the default budget is the full scale alone.

    Args:
        step: step size, in full scale 1 or in the domain's unit; the authors take 2e-3 on MetricGAN+ and 4e-3 on SEGAN.
        steps: how many.
        decay: the step falls linearly to this share of itself; 1 keeps it, as published.
        budget: which perturbations are allowed.
        domain: in which coordinates to search.
        penalty: added to the loss; None, as published, is none.
        progress: called after every step with its number, from 1.
    """

    def __init__(
        self,
        *,
        step: float = 2e-3,
        steps: int = 50,
        decay: float = 1.0,
        budget: Budget | None = None,
        domain: Domain | None = None,
        penalty: Penalty | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.step, self.steps, self.decay, self.progress = step, steps, decay, progress
        self.budget, self.domain = budget or Unlimited(), domain or WaveformDomain()
        self.penalty = penalty

    def __call__(
        self, listener: Listeners, waveforms: Tensor, objective: Objective, *, lengths: Tensor | None = None
    ) -> AttackResult:
        problem = Problem(listener, waveforms, objective, lengths, self.budget, self.domain)
        coordinates = problem.chart.start
        with frozen(problem.listeners):
            for number in range(self.steps):
                coordinates = coordinates.detach().requires_grad_()
                candidates = problem.waveforms(coordinates)
                losses = self._loss(problem, candidates)
                (gradient,) = torch.autograd.grad(losses.sum(), coordinates)
                problem.keep_best(candidates, losses)
                with torch.no_grad():
                    step = self.step * faded(number, self.steps, self.decay)
                    moved = coordinates - step * gradient.sign()
                    coordinates = problem.chart.settle(moved, problem.waveforms(moved))
                if self.progress:
                    self.progress(number + 1)
            with torch.no_grad():
                candidates = problem.waveforms(coordinates)
                problem.keep_best(candidates, self._loss(problem, candidates))
            return problem.result()

    def _loss(self, problem: Problem, candidates: Tensor) -> Tensor:
        losses = problem.ask(candidates).losses()
        return losses if self.penalty is None else losses + problem.cost(candidates, self.penalty)
