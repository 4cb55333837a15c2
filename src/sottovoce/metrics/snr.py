"""Signal-to-noise ratio."""

import torch
from torch import Tensor

from sottovoce.metrics.base import Undefined, measure


def snr(reference: Tensor, estimate: Tensor, lengths: Tensor | None = None) -> Tensor:
    """Signal-to-noise ratio, 10·log₁₀(‖reference - its mean‖² / ‖estimate - reference‖²).

    The mean of the reference is not sound and does not count as signal; that of the noise counts.

    Args:
        reference: `(batch, samples)`, right-padded.
        estimate: the same shape.
        lengths: `(batch,)` in samples; None if there is no padding.

    Returns:
        dB, float64 `(batch,)`; ∞ where the two are equal, NaN where the reference is silent or constant.

    Raises:
        ValueError: if the shapes do not match.

    Example:
        >>> snr(torch.tensor([[1.0, -1.0]]), torch.tensor([[1.1, -1.1]]))
        tensor([20.0000], dtype=torch.float64)
    """
    return measure("SNR", _score, (reference, estimate), lengths)


def _score(reference: Tensor, estimate: Tensor) -> float | Undefined:
    if not reference.any():
        return Undefined("the reference is silent")
    if (reference == reference[0]).all():
        return Undefined("the reference is constant")
    signal = reference - reference.mean()
    return 20 * torch.log10(signal.norm() / (estimate - reference).norm()).item()
