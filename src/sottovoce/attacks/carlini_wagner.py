"""Targeted attack on recognisers with a shrinking bound (Carlini and Wagner, 2018)."""

from collections.abc import Callable

import torch
from torch import Tensor

from sottovoce.attacks.base import INT16, AttackResult, Listeners, Problem, frozen
from sottovoce.threats.budgets import Unlimited
from sottovoce.threats.domains import WaveformDomain
from sottovoce.threats.objectives import Objective


class CarliniWagner:
    """Adam on the sign of the gradient within a bound on every sample; where the objective is met, the bound shrinks.

    As in the authors' code, what is searched for stays within the first bound and is scaled down to the present one, so
    that the steps shrink with it. The quietest perturbation that meets the objective is given, or the last one.

    The authors go on from what the CTC loss has found with another loss: see `Spell`, for `ending`.

    Args:
        bound: largest change of a sample at first, full scale 1.
        shrink: what remains of the largest change, once the objective is met, as the new bound.
        lr: Adam's step size before that scale.
        steps: how many.
        every: steps between looks at whether the objective is met.
        ending: the objective whose loss the second half descends on; None for that of the call.
        progress: called after every step with its number, from 1.
    """

    def __init__(
        self,
        *,
        bound: float = 2000 / INT16,
        shrink: float = 0.8,
        lr: float = 100 / INT16,
        steps: int = 1000,
        every: int = 10,
        ending: Objective | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.bound, self.shrink, self.lr = bound, shrink, lr
        self.steps, self.every, self.ending, self.progress = steps, every, ending, progress

    def __call__(
        self, listener: Listeners, waveforms: Tensor, objective: Objective, *, lengths: Tensor | None = None
    ) -> AttackResult:
        problem = Problem(listener, waveforms, objective, lengths, Unlimited(), WaveformDomain())
        changes = torch.zeros_like(problem.originals, requires_grad=True)
        scales = torch.ones_like(problem.originals[:, :1])
        smallest = torch.full_like(scales[:, 0], torch.inf)
        optimizer = torch.optim.Adam([changes], lr=self.lr)
        with frozen(problem.listeners):
            for number in range(self.steps + 1):
                if self.ending and 2 * number >= self.steps:
                    problem.objective = self.ending
                bounded = scales.clone() * changes.clamp(-self.bound, self.bound)
                candidates = problem.waveforms(problem.originals + bounded)
                answers = problem.ask(candidates)
                if number % self.every == 0 or number == self.steps:
                    self._shrink(problem, candidates.detach(), answers.met(), scales, smallest)
                if number == self.steps:
                    break
                (gradient,) = torch.autograd.grad(answers.losses().sum(), changes)
                changes.grad = gradient.sign()
                optimizer.step()
                if self.progress:
                    self.progress(number + 1)
            with torch.no_grad():
                never = smallest.isinf()
                problem.best[never] = candidates[never]
            problem.objective = objective
            return problem.result()

    @torch.no_grad()
    def _shrink(self, problem: Problem, candidates: Tensor, met: Tensor, scales: Tensor, smallest: Tensor) -> None:
        """Keep the rows that meet the objective more quietly than before, and shrink their scales, in place."""
        largest = (candidates - problem.originals).abs().amax(-1)
        better = met & (largest < smallest)
        problem.best[better] = candidates[better]
        smallest[better] = largest[better]
        scales[met] = self.shrink * torch.minimum(scales[met], largest[met][:, None] / self.bound)
