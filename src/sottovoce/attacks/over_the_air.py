"""Targeted attack that survives being played in a room (Yakura and Sakuma, 2019)."""

from collections.abc import Callable

import torch
from torch import Tensor

from sottovoce.attacks.base import INT16, AttackResult, Problem, Victims, frozen
from sottovoce.channels.band import BandPass
from sottovoce.channels.rooms import reverberate
from sottovoce.threats.budgets import Budget, Unlimited
from sottovoce.threats.domains import WaveformDomain
from sottovoce.threats.objectives import Objective

LOUDEST_NOISE = 2**14 / INT16
FAINTER = 0.99
"""What remains of ρ each time that more than half of the rooms hear the target; the noise has LOUDEST_NOISE·(1-ρ)."""
EVERY = 5
"""Steps between looks at whether they do."""


class OverTheAir:
    """Adam on the sign of the gradient of the mean loss over rooms, with white noise that grows as the attack succeeds.

    The perturbation is band-passed, added, played in `batch` rooms drawn in proportion to how badly each went the last
    time (those not tried yet first), and disturbed by noise. Decoupled weight decay stands for the norm's penalty, as
    in the authors' code. Kept is the last perturbation with which more than half of the rooms heard the target, or the
    last of all. Examples are attacked one after another. The authors take the gradient itself, with which the loss
    falls more slowly; the sign is Carlini and Wagner's.

    Args:
        rooms: impulse responses `(rooms, taps)`.
        generator: source of the rooms, the noise and the start.
        band: what the perturbation goes through.
        budget: what it is brought down to after that; the authors have none.
        batch: rooms a step.
        lr: Adam's step size.
        decay: share of the perturbation that every step takes away, times the step size.
        steps: how many.
        progress: called after every step of every example with the number of all steps so far, from 1.
    """

    def __init__(
        self,
        rooms: Tensor,
        *,
        generator: torch.Generator,
        band: BandPass | None = None,
        budget: Budget | None = None,
        batch: int = 20,
        lr: float = 200 / INT16,
        decay: float = 1e-3,
        steps: int = 1000,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.rooms, self.generator, self.batch = rooms, generator, batch
        self.band, self.budget = band or BandPass(), budget or Unlimited()
        self.lr, self.decay, self.steps, self.progress = lr, decay, steps, progress

    def __call__(
        self, victim: Victims, waveforms: Tensor, objective: Objective, *, lengths: Tensor | None = None
    ) -> AttackResult:
        problem = Problem(victim, waveforms, objective, lengths, Unlimited(), WaveformDomain())
        with frozen(problem.victims):
            for row in range(len(problem.originals)):
                problem.best[row] = self._search(problem, row)
            with torch.no_grad():
                return problem.result()

    def _search(self, problem: Problem, row: int) -> Tensor:
        size = int(problem.lengths[row])
        original = problem.originals[row : row + 1, :size]
        start = torch.randn(original.shape, generator=self.generator).to(original)
        change = (start * original.abs().mean() / INT16**0.5).requires_grad_()
        optimizer = torch.optim.AdamW([change], lr=self.lr, weight_decay=self.decay)
        latest = torch.full((len(self.rooms),), torch.inf)
        kept, clarity = None, 1.0
        for number in range(self.steps):
            chosen = self._draw(latest)
            adversarial = self._adversarial(original, change)
            heard = self._played(adversarial, chosen, LOUDEST_NOISE * (1.0 - clarity))
            answers = problem.ask(heard, torch.full((len(heard),), row, device=heard.device))
            losses = answers.losses()
            (gradient,) = torch.autograd.grad(losses.mean(), change)
            change.grad = gradient.sign()
            optimizer.step()
            latest[chosen] = losses.detach().cpu()
            if number % EVERY == 0 and bool(answers.met().float().mean() > 0.5):
                kept, clarity = adversarial.detach(), clarity * FAINTER
            if self.progress:
                self.progress(row * self.steps + number + 1)
        found = kept if kept is not None else self._adversarial(original, change.detach())
        return torch.nn.functional.pad(found, (0, problem.originals.shape[-1] - size))[0]

    def _adversarial(self, original: Tensor, change: Tensor) -> Tensor:
        return (original + self.budget.project(self.band(change), original)).clamp(-1.0, 1.0)

    def _draw(self, latest: Tensor) -> Tensor:
        """Places of `batch` rooms: those not tried yet, then by their latest loss; with repetitions if they are few."""
        unseen = torch.nonzero(latest.isinf())[:, 0]
        if len(unseen):
            order = unseen[torch.randperm(len(unseen), generator=self.generator)]
            return order[: self.batch]
        weights = latest.clamp(min=1e-6)
        return torch.multinomial(weights, self.batch, replacement=self.batch > len(weights), generator=self.generator)

    def _played(self, adversarial: Tensor, chosen: Tensor, noise: float) -> Tensor:
        """As heard in the rooms, each with the peak of the dry sound: `(rooms, samples)`."""
        rooms = self.rooms[chosen].to(adversarial)
        heard = reverberate(adversarial.expand(len(rooms), -1), rooms)
        heard = heard * (adversarial.abs().amax() / heard.detach().abs().amax(-1, keepdim=True).clamp(min=1e-9))
        hiss = torch.randn(heard.shape, generator=self.generator).to(heard)
        return heard + noise * hiss
