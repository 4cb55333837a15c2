"""What all metrics share: rows without their padding, and undefined values that say why."""

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor

from sottovoce.audio.batch import full_lengths, unpad


class MetricWarning(UserWarning):
    """A metric is undefined for one example, whose value is NaN.

    Attributes:
        metric: the metric's name.
        row: the example's place in the batch.
        reason: why there is no value.
    """

    def __init__(self, metric: str, row: int, reason: str) -> None:
        super().__init__(f"{metric} of row {row} is undefined: {reason}")
        self.metric = metric
        self.row = row
        self.reason = reason


@contextmanager
def noting(notes: list[str]) -> Iterator[None]:
    """Append the reason of every `MetricWarning` raised inside to `notes`, each once; other warnings pass through."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", MetricWarning)
        yield
    for warning in caught:
        if not isinstance(warning.message, MetricWarning):
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
        elif (note := f"no {warning.message.metric}: {warning.message.reason}") not in notes:
            notes.append(note)


class Undefined(NamedTuple):
    """Stands in the place of a value that does not exist."""

    reason: str


def rows(signals: Sequence[Tensor], lengths: Tensor | None) -> list[tuple[Tensor, ...]]:
    """Take batches apart into examples.

    Args:
        signals: float tensors of one shape `(batch, samples)`, right-padded.
        lengths: `(batch,)` in samples; None means that every row is full.

    Returns:
        For each row, the `(samples_i,)` of every signal without padding: float64, on the CPU, without a gradient.

    Raises:
        ValueError: if the shapes do not agree.
    """
    first = signals[0]
    if first.ndim != 2 or any(signal.shape != first.shape for signal in signals):
        raise ValueError(f"expected signals of one shape (batch, samples), got {[tuple(s.shape) for s in signals]}")
    lengths = full_lengths(first) if lengths is None else lengths
    if lengths.shape != first.shape[:1] or not torch.all((lengths >= 0) & (lengths <= first.shape[1])):
        raise ValueError(f"expected {first.shape[0]} lengths from 0 to {first.shape[1]}, got {lengths.tolist()}")
    return list(zip(*(unpad(signal.detach().to("cpu", torch.float64), lengths) for signal in signals), strict=True))


def fault(row: tuple[Tensor, ...]) -> Undefined | None:
    """What makes every signal metric undefined: no samples, or samples that are no numbers."""
    if row[0].numel() == 0:
        return Undefined("there are no samples")
    if not all(signal.isfinite().all() for signal in row):
        return Undefined("there are NaN or infinite samples")
    return None


def collect(metric: str, outcomes: Iterable[float | Undefined]) -> Tensor:
    """Gather one outcome per example as float64 `(batch,)`; an undefined one becomes NaN, with a `MetricWarning`."""
    values = []
    for row, outcome in enumerate(outcomes):
        if isinstance(outcome, Undefined):
            warnings.warn(MetricWarning(metric, row, outcome.reason), stacklevel=3)
            values.append(float("nan"))
        else:
            values.append(outcome)
    return torch.tensor(values, dtype=torch.float64)


def measure(
    metric: str, score: Callable[..., float | Undefined], signals: Sequence[Tensor], lengths: Tensor | None
) -> Tensor:
    """Score every example of some batches.

    Args:
        metric: the name that warnings carry.
        score: takes one float64 row `(samples_i,)` per signal; finite and not empty.
        signals: batches `(batch, samples)`, right-padded.
        lengths: `(batch,)` in samples; None means that every row is full.

    Returns:
        float64 `(batch,)`.

    Raises:
        ValueError: if the shapes do not agree.
    """
    return collect(metric, (fault(row) or score(*row) for row in rows(signals, lengths)))
