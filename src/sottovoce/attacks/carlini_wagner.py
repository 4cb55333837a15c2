"""Targeted attack on recognisers with a shrinking bound (Carlini and Wagner, 2018)."""

from collections.abc import Callable

import torch
from torch import Tensor

from sottovoce.attacks.base import INT16, AttackResult, Listeners, Objectives, Problem, frozen
from sottovoce.ranges import integer, number
from sottovoce.threats.budgets import Unlimited
from sottovoce.threats.domains import WaveformDomain
from sottovoce.threats.objectives import Objective
from sottovoce.threats.settings import Settings


class CarliniWagner(Settings):
    """Adam on the sign of the gradient within a bound on every sample that shrinks once the objective is met.

    As in the authors' code, the search runs within the first bound and its perturbation is scaled down to the current
    one, so that the steps shrink with the bound. The result is the quietest perturbation that meets the objective, or
    the last one if none does.

    The authors refine what the CTC loss has found with a second loss: pass `Spell` as `ending`.

    Args:
        bound: initial bound on the change of a sample, full scale 1.
        shrink: factor from the largest change that meets the objective to the new bound.
        lr: Adam's step size, before the perturbation is scaled.
        steps: number of gradient steps.
        every: steps between tests of whether the objective is met.
        ending: objective whose loss the second half of the steps descends on; that of the call by default.
        progress: called after every step with its number, from 1.

    Raises:
        ValueError: a figure is out of range.

    Example:
        >>> from sottovoce.channels import Quantization
        >>> from sottovoce.threats import Silence
        >>> attack = CarliniWagner(bound=0.05, lr=0.001, steps=50)
        >>> attack
        CarliniWagner(bound=0.05, shrink=0.8, lr=0.001, steps=50, every=10)
        >>> attack(Quantization(), 0.01 * torch.tensor([1.0, -1.0]).repeat(2, 80), Silence())
        AttackResult(batch=2, successes=2, snr=3.2 dB, queries=51)
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
        self.bound, self.lr = number("bound", bound, above=0), number("lr", lr, above=0)
        self.shrink = number("shrink", shrink, above=0, most=1)
        self.steps, self.every = integer("steps", steps), integer("every", every)
        self.ending, self.progress = ending, progress

    def __call__(
        self, listener: Listeners, waveforms: Tensor, objective: Objectives, *, lengths: Tensor | None = None
    ) -> AttackResult:
        problem = Problem(listener, waveforms, objective, lengths, Unlimited(), WaveformDomain())
        changes = torch.zeros_like(problem.originals, requires_grad=True)
        scales = torch.ones_like(problem.originals[:, :1])
        smallest = torch.full_like(scales[:, 0], torch.inf)
        optimizer = torch.optim.Adam([changes], lr=self.lr)
        with frozen(problem.listeners):
            for number in range(self.steps + 1):
                if self.ending and 2 * number >= self.steps:
                    problem.descend_on(self.ending)
                bounded = scales.clone() * changes.clamp(-self.bound, self.bound)
                candidates = problem.waveforms(problem.originals + bounded)
                answers = problem.ask(candidates)
                if number % self.every == 0 or number == self.steps:
                    self._shrink(problem, candidates.detach(), answers.met(), scales, smallest)
                if number == self.steps:
                    break
                changes.grad = problem.gradient(answers.losses(), changes).sign()
                optimizer.step()
                if self.progress:
                    self.progress(number + 1)
            with torch.no_grad():
                never = smallest.isinf()
                problem.best[never] = candidates[never]
            return problem.result()

    @torch.no_grad()
    def _shrink(self, problem: Problem, candidates: Tensor, met: Tensor, scales: Tensor, smallest: Tensor) -> None:
        """Keep the rows that meet the objective with a smaller change than before; shrink their scales in place."""
        largest = (candidates - problem.originals).abs().amax(-1)
        better = met & (largest < smallest)
        problem.best[better] = candidates[better]
        smallest[better] = largest[better]
        scales[met] = self.shrink * torch.minimum(scales[met], largest[met][:, None] / self.bound)
