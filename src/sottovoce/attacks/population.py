"""What searches without gradients share: many perturbations of every example, judged in one forward pass."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor

from sottovoce.attacks.base import AttackResult, Listeners, Problem, frozen
from sottovoce.threats.budgets import Budget, LInf
from sottovoce.threats.domains import WaveformDomain
from sottovoce.threats.objectives import Objective

ROWS, ROWS_IN_CACHE = 1024, 32
"""Waveforms in one forward pass: of a GPU, and of a CPU, which takes three times as long for each of 256."""


class PopulationSearch(Problem):
    """One batch under attack by a search that keeps `size` perturbations of every example.

    Examples whose objective is met leave the batch.

    Args:
        listeners, waveforms, objective, lengths, budget: as in `Problem`.
        size: perturbations of each example.
        rows: most waveforms in one forward pass.
        generator: source of all randomness, on the CPU.
    """

    def __init__(
        self,
        listeners: Listeners,
        waveforms: Tensor,
        objective: Objective,
        lengths: Tensor | None,
        budget: Budget,
        *,
        size: int,
        rows: int,
        generator: torch.Generator,
    ) -> None:
        super().__init__(listeners, waveforms, objective, lengths, budget, WaveformDomain())
        self.size, self.batch, self.generator = size, rows, generator
        self.active = torch.arange(len(self.originals), device=self.originals.device)
        """Examples that are still searched for."""

    @torch.no_grad()
    def judge(self, changes: Tensor) -> tuple[Tensor, Tensor]:
        """Evaluate perturbations of the active examples, and keep the best.

        Args:
            changes: `(active, size, samples)`, within budget.

        Returns:
            The losses, mean over the listeners, and whether the objective is met by all of them: both `(active, size)`.
        """
        owners = self.active.repeat_interleave(self.size)
        candidates = self._added(owners, changes.flatten(0, 1))
        pieces = zip(torch.split(candidates, self.batch), torch.split(owners, self.batch), strict=True)
        answers = [self.ask(*piece) for piece in pieces]
        losses = torch.cat([each.losses() for each in answers]).view(-1, self.size)
        met = torch.cat([each.met() for each in answers]).view(-1, self.size)
        scores = losses - 1e9 * met
        best = scores.argmin(1)
        ranks = torch.arange(len(best), device=best.device)
        better = scores[ranks, best] < self.best_score[self.active]
        found = candidates.view(-1, self.size, candidates.shape[-1])[ranks, best]
        self.best[self.active[better]] = found[better]
        self.best_score[self.active[better]] = scores[ranks, best][better]
        return losses, met

    def leave(self, finished: Tensor) -> Tensor:
        """Take examples out of the search; `finished` is bool `(active,)`. Gives the ranks of those that stay."""
        stay = torch.nonzero(~finished)[:, 0]
        self.active = self.active[stay]
        return stay

    def random(self, *shape: int) -> Tensor:
        """Uniform in [0, 1)."""
        return torch.rand(shape, generator=self.generator).to(self.originals)

    def projected(self, changes: Tensor) -> Tensor:
        """Perturbations of the active examples brought into the budget: `(active, size, samples)`."""
        owners = self.active.repeat_interleave(changes.shape[1])
        inside = self.budget.project(changes.flatten(0, 1), self.originals[owners])
        return inside.view(changes.shape)

    def _added(self, owners: Tensor, changes: Tensor) -> Tensor:
        places = torch.arange(changes.shape[-1], device=changes.device)
        kept = torch.where(places < self.lengths[owners][:, None], changes, 0.0)
        return (self.originals[owners] + kept).clamp(-1.0, 1.0)


class PopulationAttack(ABC):
    """An attack that keeps a population for every example.

    Args:
        generator: source of all randomness, on the CPU.
        size: individuals.
        step: the unit of what a subclass draws, full scale 1.
        budget: which perturbations are allowed; by default no sample changes by more than `step`.
        rows: most waveforms in one forward pass; without, as many as suit the device.
    """

    def __init__(
        self, generator: torch.Generator, size: int, step: float, budget: Budget | None, rows: int | None
    ) -> None:
        self.generator, self.size, self.step, self.rows = generator, size, step, rows
        self.budget = budget or LInf(step)

    def __call__(
        self, listener: Listeners, waveforms: Tensor, objective: Objective, *, lengths: Tensor | None = None
    ) -> AttackResult:
        """See `Attack.__call__`."""
        search = PopulationSearch(
            listener,
            waveforms,
            objective,
            lengths,
            self.budget,
            size=self.size,
            rows=self.rows or (ROWS_IN_CACHE if waveforms.device.type == "cpu" else ROWS),
            generator=self.generator,
        )
        with torch.no_grad(), frozen(search.listeners):
            self.run(search)
            return search.result()

    @abstractmethod
    def run(self, search: PopulationSearch) -> None:
        """Search until nothing is active or there has been enough of it."""
