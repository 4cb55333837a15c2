"""The interface of attacks, their result, and the state of one batch under attack."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from sottovoce.attacks.inputs import checked_batch, checked_listeners, checked_objectives
from sottovoce.audio.batch import energy, energy_about_mean, zero_padding
from sottovoce.errors import SottovoceError
from sottovoce.threats.budgets import Budget
from sottovoce.threats.domains import Chart, Domain
from sottovoce.threats.objectives import Objective
from sottovoce.threats.penalties import Penalty

Listeners = nn.Module | Sequence[nn.Module]
Objectives = Objective | Sequence[Objective]
"""One for all listeners, or one for each of them, in order; `Weighted` gives one a weight."""
Measure = Callable[[Tensor, Tensor, Tensor], Tensor]
"""From outputs, originals and lengths to a figure for each row."""
INT16 = 32768.0
"""Full scale of 16-bit samples, the unit in which several authors give step sizes."""


@dataclass(frozen=True)
class AttackResult:
    """The adversarial waveforms of a batch and how well they do.

    Attributes:
        adversarial: `(batch, samples)` float32 in [-1, 1], zero in the padding.
        success: whether every listener meets its objective on `adversarial`: bool `(batch,)`.
        loss: the objectives' loss on `adversarial`, mean over the listeners: `(batch,)`.
        queries: forward passes per example: int64 `(batch,)`.
        snr: 10·log10(Σ (x - x̄)² / Σ δ²) in dB, infinite where nothing changed: `(batch,)`. The mean x̄ is not sound.

    Example:
        >>> from sottovoce.attacks import FGSM
        >>> from sottovoce.channels import Quantization
        >>> from sottovoce.threats import Silence
        >>> result = FGSM(step=0.01)(Quantization(), 0.01 * torch.tensor([1.0, -1.0]).repeat(2, 80), Silence())
        >>> result
        AttackResult(batch=2, successes=2, snr=0.0 dB, queries=2)
        >>> result.adversarial.abs().max()
        tensor(0.)
    """

    adversarial: Tensor
    success: Tensor
    loss: Tensor
    queries: Tensor
    snr: Tensor

    def __repr__(self) -> str:
        successes, snr, queries = int(self.success.sum()), _range(self.snr, ".1f"), _range(self.queries, "d")
        return f"AttackResult(batch={len(self.success)}, successes={successes}, snr={snr} dB, queries={queries})"


def _range(values: Tensor, form: str) -> str:
    least, most = (format(value.item(), form) for value in values.aminmax())
    return least if least == most else f"{least}..{most}"


class Attack(Protocol):
    """Searches for a perturbation of each row that meets the objective."""

    def __call__(
        self, listener: Listeners, waveforms: Tensor, objective: Objectives, *, lengths: Tensor | None = None
    ) -> AttackResult:
        """Attack a batch.

        Args:
            listener: a module `(waveforms, lengths) → outputs`, or several to attack at once.
            waveforms: `(batch, samples)` float32 in [-1, 1], right-padded.
            objective: what the listeners should output: one objective for all of them, or one for each.
            lengths: `(batch,)` in samples; None if no row is padded.

        Raises:
            ValueError: the listeners, objectives, waveforms or lengths are anything else, or PyTorch is in inference
                mode.
            SottovoceError: the attack needs gradients and none flows through a listener, or a listener returns NaN.
        """
        ...


def faded(number: int, steps: int, decay: float) -> float:
    """The factor of the step size at step `number` of `steps`: falls linearly from 1 to `decay`."""
    return 1.0 - (1.0 - decay) * number / max(1, steps - 1)


@contextmanager
def frozen(listeners: Sequence[nn.Module]) -> Iterator[None]:
    """Put listeners into evaluation mode without gradients of their weights; restore their state on exit.

    Gradients with respect to the input are enabled, even inside `torch.no_grad()`. cuDNN has no backward pass for
    recurrent layers in evaluation mode, so these stay in training mode with their dropout off, which computes the same.
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
        with torch.enable_grad():
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
    """The listeners' outputs for some waveforms, to be rated.

    Attributes:
        listeners: who was asked.
        outputs: one for each listener.
        objectives: decide about success, one for each listener.
        surrogates: give losses and distances, one for each listener.
        originals, lengths: of the rows that the waveforms belong to.
    """

    listeners: Sequence[nn.Module]
    outputs: Sequence[Tensor]
    objectives: Sequence[Objective]
    surrogates: Sequence[Objective]
    originals: Tensor
    lengths: Tensor

    def losses(self) -> Tensor:
        """Mean loss over the listeners: `(rows,)`."""
        return self.mean([surrogate.loss for surrogate in self.surrogates])

    def distances(self) -> Tensor:
        """Mean distance over the listeners: `(rows,)`."""
        return self.mean([surrogate.distance for surrogate in self.surrogates])

    def met(self) -> Tensor:
        """Whether every listener meets its objective: bool `(rows,)`."""
        return torch.stack(self._each([objective.met for objective in self.objectives])).all(0)

    def mean(self, measures: Sequence[Measure]) -> Tensor:
        """Mean over the listeners of what each one's measure gives: `(rows,)`.

        Raises:
            SottovoceError: it is NaN or infinite for a listener.
        """
        values = self._each(measures)
        for listener, output, value in zip(self.listeners, self.outputs, values, strict=True):
            if not value.isfinite().all():
                name = type(listener).__name__
                if output.isnan().any():
                    raise SottovoceError(f"{name} returns NaN; check its weights, and its output for quiet recordings")
                raise SottovoceError(f"the loss on {name}'s output is not finite; check the output, and the objective")
        return torch.stack(values).mean(0)

    def _each(self, measures: Sequence[Measure]) -> list[Tensor]:
        pairs = zip(measures, self.outputs, strict=True)
        values = [measure(output, self.originals, self.lengths) for measure, output in pairs]
        for listener, output, value in zip(self.listeners, self.outputs, values, strict=True):
            if value.shape != self.lengths.shape:
                name = type(listener).__name__
                raise SottovoceError(f"{name} returns {tuple(output.shape)}, which does not fit the objective")
        return values


class Problem:
    """One batch under attack. Counts the queries and keeps the best iterate of each row.

    Args:
        listeners, waveforms, objective, lengths: as in `Attack.__call__`.
        budget: the allowed perturbations.
        domain: the coordinates of the search.

    Raises:
        ValueError: see `Attack.__call__`.

    Example:
        >>> from sottovoce.channels import Quantization
        >>> from sottovoce.threats import LInf, Silence, WaveformDomain
        >>> originals = 0.05 * torch.tensor([1.0, -1.0]).repeat(1, 80)
        >>> problem = Problem(Quantization(), originals, Silence(), None, LInf(0.01), WaveformDomain())
        >>> candidates = problem.waveforms(torch.zeros(1, 160))
        >>> problem.keep_best(candidates, problem.ask(candidates).losses())
        >>> problem.result()
        AttackResult(batch=1, successes=0, snr=14.0 dB, queries=1)
    """

    def __init__(
        self,
        listeners: Listeners,
        waveforms: Tensor,
        objective: Objectives,
        lengths: Tensor | None,
        budget: Budget,
        domain: Domain,
    ) -> None:
        self.listeners = checked_listeners(listeners)
        self.originals, self.lengths = checked_batch(waveforms, lengths)
        self.objectives = self.surrogates = checked_objectives(objective, len(self.listeners))
        self.budget = budget
        self.limits = budget.limits(self.originals, self.lengths)
        self.chart: Chart = domain.chart(self.originals, self.lengths)
        self.best = self.originals.clone()
        self.best_score = torch.full_like(self.originals[:, 0], float("inf"))
        self.queries = torch.zeros_like(self.lengths)

    def descend_on(self, surrogate: Objectives) -> None:
        """Take losses and distances from other objectives from now on.

        Success, and the loss of the result, remain those of the objectives that the attack was called with.
        """
        self.surrogates = checked_objectives(surrogate, len(self.listeners))

    def waveforms(self, coordinates: Tensor) -> Tensor:
        """The allowed waveforms nearest to the coordinates: within budget, in [-1, 1], zero in the padding."""
        changes = zero_padding(self.chart.decode(coordinates) - self.originals, self.lengths)
        return (self.originals + self.budget.project(changes, self.limits, self.lengths)).clamp(-1.0, 1.0)

    def ask(self, waveforms: Tensor, rows: Tensor | None = None) -> "Answers":
        """One forward pass through every listener, counted as a query.

        Args:
            waveforms: `(n, samples)`; may be shorter than the batch if the chosen rows are.
            rows: `(n,)`, the row that each candidate belongs to; a row may have several. None: one for each row, in
                order.

        Raises:
            SottovoceError: the waveforms require a gradient and none flows through a listener.
        """
        answers = self._answers(waveforms, rows)
        self.queries += 1 if rows is None else torch.bincount(rows, minlength=len(self.queries))
        for listener, output in zip(self.listeners, answers.outputs, strict=True):
            if waveforms.requires_grad and not output.requires_grad:
                raise SottovoceError(f"no gradient flows through {type(listener).__name__}; attack another model")
        return answers

    def _answers(self, waveforms: Tensor, rows: Tensor | None = None) -> "Answers":
        originals, lengths, objectives, surrogates = self.originals, self.lengths, self.objectives, self.surrogates
        if rows is not None:
            originals, lengths = originals[rows, : waveforms.shape[-1]], lengths[rows]
            objectives, surrogates = ([each.rows(rows) for each in both] for both in (objectives, surrogates))
        outputs = [listener(waveforms, lengths) for listener in self.listeners]
        return Answers(self.listeners, outputs, objectives, surrogates, originals, lengths)

    def gradient(self, losses: Tensor, inputs: Tensor) -> Tensor:
        """The gradient of each row's loss `(rows,)` with respect to `inputs (rows, …)`.

        Raises:
            SottovoceError: it is NaN or infinite.
        """
        (gradient,) = torch.autograd.grad(losses.sum(), inputs)
        if not gradient.isfinite().all():
            names = ", ".join(type(listener).__name__ for listener in self.listeners)
            raise SottovoceError(
                f"the gradient through {names} is not finite; attack without gradients, or another model"
            )
        return gradient

    def cost(self, waveforms: Tensor, penalty: Penalty) -> Tensor:
        """The penalty of each row's change: `(batch,)`."""
        return penalty(waveforms, self.originals, self.lengths)

    def keep_best(self, waveforms: Tensor, scores: Tensor) -> None:
        """Keep the rows whose scores are the lowest so far."""
        better = scores.detach() < self.best_score
        self.best = torch.where(better[:, None], waveforms.detach(), self.best)
        self.best_score = torch.where(better, scores.detach(), self.best_score)

    @torch.no_grad()
    def result(self) -> AttackResult:
        """The best waveforms, with loss and success computed anew for the objectives of the call."""
        self.descend_on(self.objectives)
        answers = self._answers(self.best)
        changes = energy(self.best - self.originals)
        return AttackResult(
            adversarial=self.best,
            success=answers.met(),
            loss=answers.losses(),
            queries=self.queries,
            snr=10.0
            * torch.log10(energy_about_mean(self.originals, self.lengths) / changes).where(changes > 0, torch.inf),
        )
