"""Projected gradient descent (Madry et al., 2018)."""

from collections.abc import Callable

import torch
from torch import Tensor

from sottovoce.attacks.base import AttackResult, Listeners, Objectives, Problem, faded, frozen
from sottovoce.ranges import integer, number
from sottovoce.threats.budgets import Budget, Unlimited
from sottovoce.threats.domains import Domain, WaveformDomain
from sottovoce.threats.penalties import Penalty
from sottovoce.threats.settings import Settings


class PGD(Settings):
    """Steps of x − step·sign(∇ loss), each projected onto the budget and [-1, 1]; the best iterate is kept.

    Dong et al. (2022, eq. 8) print a plus sign, which would move away from the target. They give no radius; since
    `steps` and `step` already bound each sample, the default budget is unlimited.

    Args:
        step: step size in full scale (1) or in the domain's unit; Dong et al. use 2e-3 on MetricGAN+ and 4e-3 on SEGAN.
        steps: number of gradient steps.
        decay: factor to which the step size falls linearly; 1 keeps it constant, as published.
        budget: the allowed perturbations; all by default.
        domain: the coordinates of the search; samples by default.
        penalty: added to the loss; none by default, as published.
        progress: called after every step with its number, from 1.

    Raises:
        ValueError: a figure is out of range.

    Example:
        >>> from sottovoce.channels import Quantization
        >>> from sottovoce.threats import LInf, Silence
        >>> attack = PGD(steps=5, budget=LInf(0.008))
        >>> attack(Quantization(), 0.01 * torch.tensor([1.0, -1.0]).repeat(2, 80), Silence())
        AttackResult(batch=2, successes=2, snr=1.9 dB, queries=6)
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
        self.step, self.steps = number("step", step, above=0), integer("steps", steps)
        self.decay, self.progress = number("decay", decay, least=0, most=1), progress
        self.budget, self.domain = budget or Unlimited(), domain or WaveformDomain()
        self.penalty = penalty

    def __call__(
        self, listener: Listeners, waveforms: Tensor, objective: Objectives, *, lengths: Tensor | None = None
    ) -> AttackResult:
        problem = Problem(listener, waveforms, objective, lengths, self.budget, self.domain)
        coordinates = problem.chart.start
        with frozen(problem.listeners):
            for number in range(self.steps):
                coordinates = coordinates.detach().requires_grad_()
                candidates = problem.waveforms(coordinates)
                losses = self._loss(problem, candidates)
                gradient = problem.gradient(losses, coordinates)
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
