"""OPT, the optimisation-based attack of Dong et al. (2022, algorithm 1), after Carlini and Wagner (2017)."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from sottovoce.attacks.adam import adam
from sottovoce.attacks.base import AttackResult, Listeners, Objectives, Problem, frozen
from sottovoce.ranges import integer, number
from sottovoce.threats.budgets import Budget, Unlimited
from sottovoce.threats.domains import Domain, WaveformDomain
from sottovoce.threats.penalties import MeanSquare, Penalty
from sottovoce.threats.settings import Settings


class OPT(Settings):
    """Adam on MSE(x*, x) + α·distance; the best iterate is kept.

    The distance is the objective's: for waveform targets ‖g(x*) − t‖₂, unsquared.
    This is the arXiv version: the pseudo-code in the journal stops at the first step, because its running loss starts
    at 0. Dong et al. give no step size.

    Args:
        steps: number of gradient steps; Dong et al. use 50 or 100, and 1000 for targeted attacks.
        alpha: weight of the distance.
        lr: Adam's step size.
        decay: factor to which the step size falls linearly; 1 keeps it constant.
        budget: the allowed perturbations, applied after every step; all by default.
        domain: the coordinates of the search; samples by default.
        penalty: keeps x* near x; the mean square by default, as published.
        progress: called after every step with its number, from 1.

    Raises:
        ValueError: a figure is out of range.

    Example:
        >>> from sottovoce.channels import Quantization
        >>> from sottovoce.threats import Silence, SNRFloor
        >>> attack = OPT(steps=20, alpha=1.0, budget=SNRFloor(3.0))
        >>> attack(Quantization(), 0.01 * torch.tensor([1.0, -1.0]).repeat(2, 80), Silence())
        AttackResult(batch=2, successes=2, snr=3.1 dB, queries=21)
    """

    def __init__(
        self,
        *,
        steps: int = 100,
        alpha: float = 1e-4,
        lr: float = 1e-3,
        decay: float = 1.0,
        budget: Budget | None = None,
        domain: Domain | None = None,
        penalty: Penalty | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.steps, self.alpha = integer("steps", steps), number("alpha", alpha, least=0)
        self.lr, self.decay = number("lr", lr, above=0), number("decay", decay, least=0, most=1)
        self.progress = progress
        self.budget, self.domain = budget or Unlimited(), domain or WaveformDomain()
        self.penalty = penalty or MeanSquare()

    def __call__(
        self, listener: Listeners, waveforms: Tensor, objective: Objectives, *, lengths: Tensor | None = None
    ) -> AttackResult:
        problem = Problem(listener, waveforms, objective, lengths, self.budget, self.domain)
        coordinates = problem.chart.start.clone().requires_grad_()
        with frozen(problem.listeners):
            for candidates, losses in adam(
                problem,
                coordinates,
                partial(self._loss, problem),
                steps=self.steps,
                lr=self.lr,
                decay=self.decay,
                progress=self.progress,
            ):
                problem.keep_best(candidates, losses)
            with torch.no_grad():
                candidates = problem.waveforms(coordinates)
                problem.keep_best(candidates, self._loss(problem, candidates))
            return problem.result()

    def _loss(self, problem: Problem, candidates: Tensor) -> Tensor:
        return problem.cost(candidates, self.penalty) + self.alpha * problem.ask(candidates).distances()
