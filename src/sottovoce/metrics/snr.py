"""Signal-to-noise ratio."""

import torch
from torch import Tensor

from sottovoce.metrics.base import Undefined, measure


def snr(reference: Tensor, estimate: Tensor, lengths: Tensor | None = None) -> Tensor:
    """Energy of the reference over that of the difference: 10·log₁₀(‖reference‖² / ‖estimate - reference‖²).

    Args:
        reference: `(batch, samples)`, right-padded.
        estimate: the same shape.
        lengths: `(batch,)` in samples; None means that every row is full.

    Returns:
        dB, float64 `(batch,)`; infinite where the two are equal, NaN where the reference is silent.

    Raises:
        ValueError: if the shapes do not agree.
    """
    return measure("SNR", _score, (reference, estimate), lengths)


def _score(reference: Tensor, estimate: Tensor) -> float | Undefined:
    if not reference.any():
        return Undefined("the reference is silent")
    return 20 * torch.log10(reference.norm() / (estimate - reference).norm()).item()
