"""Scale-invariant signal-to-distortion ratio."""

from torch import Tensor
from torchmetrics.functional.audio import scale_invariant_signal_distortion_ratio

from sottovoce.metrics.base import Undefined, measure


def si_sdr(reference: Tensor, estimate: Tensor, lengths: Tensor | None = None, *, zero_mean: bool = False) -> Tensor:
    """SI-SDR (Le Roux et al., "SDR: half-baked or well done?", ICASSP 2019, eq. 4), computed by torchmetrics.

    Args:
        reference: `(batch, samples)`, right-padded.
        estimate: the same shape.
        lengths: `(batch,)` in samples; None means that every row is full.
        zero_mean: subtract each row's mean first, so that a constant offset does not count.

    Returns:
        dB, float64 `(batch,)`. Equal or proportional signals give a large finite value, above 150 dB for speech: what
        float64's precision leaves. NaN where either signal is silent (or constant, with `zero_mean`).

    Raises:
        ValueError: if the shapes do not agree.
    """

    def score(reference: Tensor, estimate: Tensor) -> float | Undefined:
        if zero_mean:
            reference, estimate = reference - reference.mean(), estimate - estimate.mean()
        if not reference.any():
            return Undefined("the reference is silent")
        if not estimate.any():
            return Undefined("the estimate is silent")
        return scale_invariant_signal_distortion_ratio(estimate, reference).item()

    return measure("SI-SDR", score, (reference, estimate), lengths)
