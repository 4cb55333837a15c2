"""Scale-invariant signal-to-distortion ratio."""

from torch import Tensor

from sottovoce.metrics.base import Undefined, measure


def si_sdr(reference: Tensor, estimate: Tensor, lengths: Tensor | None = None, *, zero_mean: bool = False) -> Tensor:
    """SI-SDR (Le Roux et al., 2019, eq. 4), computed by torchmetrics.

    Args:
        reference: `(batch, samples)`, right-padded.
        estimate: the same shape.
        lengths: `(batch,)` in samples; None if there is no padding.
        zero_mean: subtract the mean of each signal first, so that a constant offset does not count.

    Returns:
        dB, float64 `(batch,)`. Proportional signals give a large finite value, above 150 dB for speech, limited by the
        precision of float64. NaN where either signal is silent (or constant, with `zero_mean`).

    Raises:
        ValueError: if the shapes do not match.

    Example:
        >>> import torch
        >>> si_sdr(torch.tensor([[1.0, 0.0]]), torch.tensor([[5.0, 0.3]]))
        tensor([24.4370], dtype=torch.float64)
    """
    from torchmetrics.functional.audio import scale_invariant_signal_distortion_ratio

    def score(reference: Tensor, estimate: Tensor) -> float | Undefined:
        if zero_mean:
            reference, estimate = reference - reference.mean(), estimate - estimate.mean()
        if not reference.any():
            return Undefined("the reference is silent")
        if not estimate.any():
            return Undefined("the estimate is silent")
        return scale_invariant_signal_distortion_ratio(estimate, reference).item()

    return measure("SI-SDR", score, (reference, estimate), lengths)
