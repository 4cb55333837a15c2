"""Second stage of an attack: moves the perturbation to where the recording masks it (Qin et al., 2019)."""

from collections.abc import Callable

import torch
from torch import Tensor

from sottovoce.attacks.base import INT16, Attack, AttackResult, Listeners, Objectives, Problem, frozen
from sottovoce.ranges import integer, number
from sottovoce.threats.budgets import Unlimited
from sottovoce.threats.domains import WaveformDomain
from sottovoce.threats.masking import Masking
from sottovoce.threats.settings import Settings


class Imperceptible(Settings):
    """Starts from another attack's result and descends on loss + α·(power above the masking threshold).

    Each example has its own α, which grows while the objective is met and falls while it is not. The result is the
    least audible perturbation that meets the objective, or the first attack's if none does.

    Args:
        first: attack that finds perturbations which meet the objective, e.g. `CarliniWagner`.
        masking: the psychoacoustic model.
        alpha: initial weight of the audible power, on a scale where the recording's loudest bin has 96 dB.
        lr: Adam's step size.
        steps: number of gradient steps of this stage.
        grow: factor of α while the objective is met, and the number of steps after which it applies.
        shrink: the same while the objective is not met.
        progress: called after every step of this stage with its number, from 1.

    Raises:
        ValueError: a figure is out of range.

    Example:
        >>> from sottovoce.attacks import PGD
        >>> from sottovoce.channels import Quantization
        >>> from sottovoce.threats import Silence
        >>> attack = Imperceptible(PGD(steps=5), steps=10)
        >>> attack(Quantization(), 0.01 * torch.tensor([1.0, -1.0]).repeat(2, 2000), Silence())
        AttackResult(batch=2, successes=2, snr=2.2 dB, queries=16)
    """

    def __init__(
        self,
        first: Attack,
        *,
        masking: Masking | None = None,
        alpha: float = 0.05,
        lr: float = 1 / INT16,
        steps: int = 1000,
        grow: tuple[float, int] = (1.2, 20),
        shrink: tuple[float, int] = (0.8, 50),
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.first, self.masking, self.progress = first, masking or Masking(), progress
        self.alpha, self.lr = number("alpha", alpha, least=0), number("lr", lr, above=0)
        self.steps = integer("steps", steps)
        self.grow = number("grow", grow[0], least=1), integer("grow's steps", grow[1])
        self.shrink = number("shrink", shrink[0], above=0, most=1), integer("shrink's steps", shrink[1])

    def __call__(
        self, listener: Listeners, waveforms: Tensor, objective: Objectives, *, lengths: Tensor | None = None
    ) -> AttackResult:
        begun = self.first(listener, waveforms, objective, lengths=lengths)
        problem = Problem(listener, waveforms, objective, lengths, Unlimited(), WaveformDomain())
        problem.queries += begun.queries
        problem.best = begun.adversarial
        thresholds = self.masking.thresholds(problem.originals, problem.lengths)
        changes = (begun.adversarial - problem.originals).requires_grad_()
        weights = torch.full_like(begun.loss, self.alpha)
        optimizer = torch.optim.Adam([changes], lr=self.lr)
        with frozen(problem.listeners):
            for number in range(self.steps):
                candidates = problem.waveforms(problem.originals + changes)
                answers, audible = problem.ask(candidates), thresholds.audibility(candidates - problem.originals)
                met = answers.met()
                problem.keep_best(candidates, audible.where(met, torch.inf))
                changes.grad = problem.gradient(answers.losses() + weights * audible, changes)
                optimizer.step()
                for wanted, (factor, every) in ((met, self.grow), (~met, self.shrink)):
                    if (number + 1) % every == 0:
                        weights[wanted] *= factor
                if self.progress:
                    self.progress(number + 1)
            return problem.result()
