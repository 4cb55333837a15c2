"""Shared by all metrics: batches split into examples without padding, and warnings about undefined values."""

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor

from sottovoce.audio.batch import full_lengths, unpad


class MetricWarning(UserWarning):
    """A metric is undefined for one example and its value is NaN.

    Attributes:
        metric: name of the metric.
        row: index of the example in the batch.
        reason: why the metric is undefined.

    Example:
        >>> from sottovoce.metrics import snr
        >>> with warnings.catch_warnings(record=True) as caught:
        ...     snr(torch.zeros(1, 3), torch.ones(1, 3))
        tensor([nan], dtype=torch.float64)
        >>> print(caught[0].message)
        SNR of row 0 is undefined: the reference is silent
    """

    def __init__(self, metric: str, row: int, reason: str) -> None:
        super().__init__(f"{metric} of row {row} is undefined: {reason}")
        self.metric = metric
        self.row = row
        self.reason = reason


@contextmanager
def noting(notes: list[str]) -> Iterator[None]:
    """Turn every `MetricWarning` inside the block into a note.

    Other warnings pass through.

    Args:
        notes: the list to append to; a note that is already there is not repeated.

    Example:
        >>> from sottovoce.metrics import snr
        >>> notes = []
        >>> with noting(notes):
        ...     values = snr(torch.zeros(2, 3), torch.ones(2, 3))
        >>> notes
        ['no SNR: the reference is silent']
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", MetricWarning)
        yield
    for warning in caught:
        if not isinstance(warning.message, MetricWarning):
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
        elif (note := f"no {warning.message.metric}: {warning.message.reason}") not in notes:
            notes.append(note)


class Undefined(NamedTuple):
    """Takes the place of a value where a metric is undefined."""

    reason: str


def rows(signals: Sequence[Tensor], lengths: Tensor | None) -> list[tuple[Tensor, ...]]:
    """Split batches into examples.

    Args:
        signals: float tensors of one shape `(batch, samples)`, right-padded.
        lengths: `(batch,)` in samples; None if there is no padding.

    Returns:
        For each row, one tensor `(samples_i,)` per signal without padding: float64, on the CPU, without gradient.

    Raises:
        ValueError: if the shapes do not match.

    Example:
        >>> rows((torch.ones(2, 3), torch.zeros(2, 3)), torch.tensor([2, 1]))[1]
        (tensor([1.], dtype=torch.float64), tensor([0.], dtype=torch.float64))
    """
    first = signals[0]
    if first.ndim != 2 or any(signal.shape != first.shape for signal in signals):
        raise ValueError(f"expected signals of one shape (batch, samples), got {[tuple(s.shape) for s in signals]}")
    lengths = full_lengths(first) if lengths is None else lengths
    if lengths.shape != first.shape[:1] or not torch.all((lengths >= 0) & (lengths <= first.shape[1])):
        raise ValueError(f"expected {first.shape[0]} lengths from 0 to {first.shape[1]}, got {lengths.tolist()}")
    return list(zip(*(unpad(signal.detach().to("cpu", torch.float64), lengths) for signal in signals), strict=True))


def fault(row: tuple[Tensor, ...]) -> Undefined | None:
    """Check for what makes every signal metric undefined: no samples, or NaN or infinite samples."""
    if row[0].numel() == 0:
        return Undefined("there are no samples")
    if not all(signal.isfinite().all() for signal in row):
        return Undefined("there are NaN or infinite samples")
    return None


def collect(metric: str, outcomes: Iterable[float | Undefined]) -> Tensor:
    """Collect the outcomes of all examples.

    Args:
        metric: name of the metric in warnings.
        outcomes: one per example.

    Returns:
        float64 `(batch,)`; NaN, with a `MetricWarning`, where an outcome is undefined.

    Example:
        >>> collect("loudness", [1.0, 2.5])
        tensor([1.0000, 2.5000], dtype=torch.float64)
    """
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
    """Compute a metric for every example of a batch.

    Args:
        metric: name of the metric in warnings.
        score: function of one example, given a float64 tensor `(samples_i,)` per signal, finite and not empty.
        signals: batches `(batch, samples)`, right-padded.
        lengths: `(batch,)` in samples; None if there is no padding.

    Returns:
        float64 `(batch,)`; NaN, with a `MetricWarning`, where the metric is undefined.

    Raises:
        ValueError: if the shapes do not match.

    Example:
        >>> measure("peak", lambda row: row.abs().max().item(), (torch.tensor([[0.5, -0.75]]),), None)
        tensor([0.7500], dtype=torch.float64)
    """
    return collect(metric, (fault(row) or score(*row) for row in rows(signals, lengths)))
