"""Shared by searches without gradients: a population for every example, evaluated in few forward passes."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor

from sottovoce.attacks.base import AttackResult, Listeners, Objectives, Problem, frozen
from sottovoce.ranges import integer, number
from sottovoce.threats.budgets import Budget, LInf
from sottovoce.threats.domains import WaveformDomain
from sottovoce.threats.settings import Settings

ROWS, ROWS_IN_CACHE = 1024, 32
"""Waveforms per forward pass on a GPU and on a CPU, which takes three times as long per waveform for 256 of them."""


class PopulationSearch(Problem):
    """One batch under attack by a population of perturbations for every example.

    Examples that meet their objective leave the search.

    Args:
        listeners, waveforms, objective, lengths, budget: as in `Problem`.
        size: perturbations per example.
        rows: maximum number of waveforms per forward pass; None for what suits the device.
        generator: source of all random numbers, on the CPU.
    """

    def __init__(
        self,
        listeners: Listeners,
        waveforms: Tensor,
        objective: Objectives,
        lengths: Tensor | None,
        budget: Budget,
        *,
        size: int,
        rows: int | None,
        generator: torch.Generator,
    ) -> None:
        super().__init__(listeners, waveforms, objective, lengths, budget, WaveformDomain())
        self.size, self.generator = size, generator
        self.batch = rows or (ROWS_IN_CACHE if self.originals.device.type == "cpu" else ROWS)
        self.active = torch.arange(len(self.originals), device=self.originals.device)
        """Examples that have not left the search."""

    @torch.no_grad()
    def judge(self, changes: Tensor) -> tuple[Tensor, Tensor]:
        """Evaluate perturbations of the active examples and keep the best.

        Args:
            changes: `(active, size, samples)`, within budget.

        Returns:
            The mean loss over the listeners, and whether all of them meet the objective: both `(active, size)`.
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
        """Take examples out of the search; `finished` is bool `(active,)`. Returns the indices of those that stay."""
        stay = torch.nonzero(~finished)[:, 0]
        self.active = self.active[stay]
        return stay

    def random(self, *shape: int) -> Tensor:
        """Uniform in [0, 1)."""
        return torch.rand(shape, generator=self.generator).to(self.originals)

    def projected(self, changes: Tensor) -> Tensor:
        """Perturbations of the active examples, projected onto the budget: `(active, size, samples)`."""
        owners = self.active.repeat_interleave(changes.shape[1])
        inside = self.budget.project(changes.flatten(0, 1), self.limits[owners], self.lengths[owners])
        return inside.view(changes.shape)

    def _added(self, owners: Tensor, changes: Tensor) -> Tensor:
        places = torch.arange(changes.shape[-1], device=changes.device)
        kept = torch.where(places < self.lengths[owners][:, None], changes, 0.0)
        return (self.originals[owners] + kept).clamp(-1.0, 1.0)


class PopulationAttack(Settings, ABC):
    """Base of attacks that keep a population for every example.

    Args:
        generator: source of all random numbers, on the CPU.
        size: population size.
        step: scale of the random changes, full scale 1.
        budget: the allowed perturbations; by default no sample changes by more than `step`.
        rows: maximum number of waveforms per forward pass; by default, what suits the device.

    Raises:
        ValueError: a figure is out of range, or the generator is not one on the CPU.
    """

    def __init__(
        self, generator: torch.Generator, size: int, step: float, budget: Budget | None, rows: int | None
    ) -> None:
        if not isinstance(generator, torch.Generator) or generator.device.type != "cpu":
            raise ValueError(f"generator must be a torch.Generator on the CPU; got {generator!r}")
        self.generator, self.size = generator, integer("size", size)
        self.step = number("step", step, above=0)
        self.rows = None if rows is None else integer("rows", rows)
        self.budget = budget or LInf(step)

    def __call__(
        self, listener: Listeners, waveforms: Tensor, objective: Objectives, *, lengths: Tensor | None = None
    ) -> AttackResult:
        """See `Attack.__call__`."""
        search = PopulationSearch(
            listener,
            waveforms,
            objective,
            lengths,
            self.budget,
            size=self.size,
            rows=self.rows,
            generator=self.generator,
        )
        with frozen(search.listeners), torch.no_grad():
            self.run(search)
            return search.result()

    @abstractmethod
    def run(self, search: PopulationSearch) -> None:
        """Search until no example is active or the allowed effort is spent."""
