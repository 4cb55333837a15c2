"""What all attacks share: the result, frozen listeners, and the loss and gradient of one batch."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from sottovoce.audio.batch import energy, full_lengths, zero_padding
from sottovoce.errors import SottovoceError
from sottovoce.threats.budgets import Budget
from sottovoce.threats.domains import Chart, Domain
from sottovoce.threats.objectives import Objective
from sottovoce.threats.penalties import Penalty

Listeners = nn.Module | Sequence[nn.Module]
INT16 = 32768.0
"""Full scale of 16-bit samples, in which several authors give their step sizes."""


@dataclass(frozen=True)
class AttackResult:
    """What an attack found.

    Attributes:
        adversarial: `(batch, samples)` float32 in [-1, 1], zero in the padding.
        success: whether the objective is met on `adversarial` as it stands, by every listener: bool `(batch,)`.
        loss: the objective's loss on `adversarial`, mean over the listeners: `(batch,)`.
        queries: forward passes spent on each example: int64 `(batch,)`.
        snr: 10·log10(Σ x² / Σ δ²) in dB, infinite where nothing changed: `(batch,)`.
    """

    adversarial: Tensor
    success: Tensor
    loss: Tensor
    queries: Tensor
    snr: Tensor


class Attack(Protocol):
    """Searches for a perturbation of each row that meets the objective."""

    def __call__(
        self, listener: Listeners, waveforms: Tensor, objective: Objective, *, lengths: Tensor | None = None
    ) -> AttackResult:
        """Attack a batch.

        Args:
            listener: a module `(waveforms, lengths) → outputs`, or several to be fooled at once.
            waveforms: `(batch, samples)` float32 in [-1, 1], right-padded.
            objective: what should come out.
            lengths: `(batch,)` in samples.

        Raises:
            SottovoceError: if no gradient flows through a listener.
        """
        ...


def faded(number: int, steps: int, decay: float) -> float:
    """The share of the step size at step `number` of `steps`, on a line from 1 down to `decay`."""
    return 1.0 - (1.0 - decay) * number / max(1, steps - 1)


@contextmanager
def frozen(listeners: Sequence[nn.Module]) -> Iterator[None]:
    """Evaluation mode and no gradient to the weights, for the time of an attack; the former state comes back
    afterwards.

    cuDNN refuses a backward pass through a recurrent layer in evaluation mode, so recurrent layers stay in training
    mode with their dropout off, which computes the same.
    """
    modules = [module for listener in listeners for module in listener.modules()]
    parameters = [parameter for listener in listeners for parameter in listener.parameters()]
    modes = [module.training for module in modules]
    wanted = [parameter.requires_grad for parameter in parameters]
    dropouts = {module: module.dropout for module in modules if isinstance(module, nn.RNNBase)}
    try:
        for module in modules:
            module.training = isinstance(module, nn.RNNBase)
        for recurrent in dropouts:
            recurrent.dropout = 0.0
        for parameter in parameters:
            parameter.requires_grad_(False)
        yield
    finally:
        for module, mode in zip(modules, modes, strict=True):
            module.training = mode
        for recurrent, dropout in dropouts.items():
            recurrent.dropout = dropout
        for parameter, flag in zip(parameters, wanted, strict=True):
            parameter.requires_grad_(flag)


@dataclass(frozen=True)
class Answers:
    """What the listeners gave for some waveforms, and what that is worth to an objective.

    Attributes:
        outputs: by listener.
        objective, originals, lengths: of those waveforms' rows.
    """

    outputs: Sequence[Tensor]
    objective: Objective
    originals: Tensor
    lengths: Tensor

    def losses(self) -> Tensor:
        """The objective's loss, mean over the listeners: `(rows,)`."""
        return self.mean(self.objective.loss)

    def distances(self) -> Tensor:
        """The same of the objective's distance."""
        return self.mean(self.objective.distance)

    def met(self) -> Tensor:
        """Whether the objective is met by every listener: bool `(rows,)`."""
        met = [self.objective.met(output, self.originals, self.lengths) for output in self.outputs]
        return torch.stack(met).all(0)

    def mean(self, measure: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Tensor:
        """Any measure of outputs, originals and lengths, mean over the listeners: `(rows,)`."""
        return torch.stack([measure(output, self.originals, self.lengths) for output in self.outputs]).mean(0)


class Problem:
    """One batch under attack: listeners, objective, budget and coordinates, with the bookkeeping of queries and best
    iterate.

    Args:
        listeners, waveforms, objective, lengths: as in `Attack.__call__`.
        budget: which perturbations are allowed.
        domain: in which coordinates the attack searches.
    """

    def __init__(
        self,
        listeners: Listeners,
        waveforms: Tensor,
        objective: Objective,
        lengths: Tensor | None,
        budget: Budget,
        domain: Domain,
    ) -> None:
        self.listeners = [listeners] if isinstance(listeners, nn.Module) else list(listeners)
        self.lengths = full_lengths(waveforms) if lengths is None else lengths.to(waveforms.device)
        self.originals = zero_padding(waveforms.detach(), self.lengths)
        self.objective, self.budget = objective, budget
        self.chart: Chart = domain.chart(self.originals, self.lengths)
        self.best = self.originals.clone()
        self.best_score = torch.full_like(self.originals[:, 0], float("inf"))
        self.queries = torch.zeros_like(self.lengths)

    def waveforms(self, coordinates: Tensor) -> Tensor:
        """The allowed waveforms nearest to the coordinates: within budget, in [-1, 1], zero in the padding."""
        changes = zero_padding(self.chart.decode(coordinates) - self.originals, self.lengths)
        return (self.originals + self.budget.project(changes, self.originals)).clamp(-1.0, 1.0)

    def ask(self, waveforms: Tensor, rows: Tensor | None = None) -> "Answers":
        """One forward pass through every listener. Counts as a query.

        Args:
            waveforms: `(n, samples)`; may end before the batch does where no chosen row is longer.
            rows: `(n,)`, whose candidates these are; a row may have several. None when they are the batch's, in order.

        Raises:
            SottovoceError: if the waveforms want a gradient and a listener gives none.
        """
        answers = self._answers(waveforms, rows)
        self.queries += 1 if rows is None else torch.bincount(rows, minlength=len(self.queries))
        for listener, output in zip(self.listeners, answers.outputs, strict=True):
            if waveforms.requires_grad and not output.requires_grad:
                raise SottovoceError(f"no gradient flows through {type(listener).__name__}: attack another model.")
        return answers

    def _answers(self, waveforms: Tensor, rows: Tensor | None = None) -> "Answers":
        originals, lengths, objective = self.originals, self.lengths, self.objective
        if rows is not None:
            originals, lengths = originals[rows, : waveforms.shape[-1]], lengths[rows]
            objective = objective.rows(rows)
        return Answers([listener(waveforms, lengths) for listener in self.listeners], objective, originals, lengths)

    def cost(self, waveforms: Tensor, penalty: Penalty) -> Tensor:
        """What the change costs by a penalty: `(batch,)`."""
        return penalty(waveforms, self.originals, self.lengths)

    def keep_best(self, waveforms: Tensor, scores: Tensor) -> None:
        """Remember each row whose score is lower than any before."""
        better = scores.detach() < self.best_score
        self.best = torch.where(better[:, None], waveforms.detach(), self.best)
        self.best_score = torch.where(better, scores.detach(), self.best_score)

    @torch.no_grad()
    def result(self) -> AttackResult:
        """Loss and success computed anew on the best waveforms."""
        answers = self._answers(self.best)
        changes = energy(self.best - self.originals)
        return AttackResult(
            adversarial=self.best,
            success=answers.met(),
            loss=answers.losses(),
            queries=self.queries,
            snr=10.0 * torch.log10(energy(self.originals) / changes).where(changes > 0, torch.inf),
        )
