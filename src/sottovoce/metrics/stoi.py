"""Short-time objective intelligibility (STOI)."""

import warnings

from torch import Tensor

from sottovoce.metrics.base import Undefined, measure

SHORTEST = 0.4
"""Seconds of speech needed: 30 frames of 25.6 ms every 12.8 ms."""


def stoi(
    reference: Tensor, estimate: Tensor, lengths: Tensor | None = None, *, extended: bool = False, rate: int = 16000
) -> Tensor:
    """STOI (Taal et al., 2011) or extended STOI (Jensen and Taal, 2016), computed by pystoi.

    Args:
        reference: clean speech `(batch, samples)`, right-padded.
        estimate: the same shape.
        lengths: `(batch,)` in samples; None if there is no padding.
        extended: compute the extended variant, made for modulated noise.
        rate: sampling rate in Hz; pystoi resamples to 10 kHz.

    Returns:
        float64 `(batch,)`, at most 1, about 0 where nothing of the speech remains; NaN where the reference is silent or
        has less than 0.4 s within 40 dB of its loudest part.

    Raises:
        ValueError: if the shapes do not match.

    Example:
        >>> import torch
        >>> speech = torch.randn(1, 16_000)
        >>> round(stoi(speech, speech).item(), 6)
        1.0
        >>> stoi(speech, torch.zeros_like(speech))
        tensor([0.], dtype=torch.float64)
    """
    import pystoi

    def score(reference: Tensor, estimate: Tensor) -> float | Undefined:
        too_short = Undefined(f"there is less than {SHORTEST} s of speech")
        if not reference.any():
            return Undefined("the reference is silent")
        if len(reference) < SHORTEST * rate:
            return too_short
        if not estimate.any():  # pystoi would correlate its own rounding noise
            return 0.0
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            try:
                return float(pystoi.stoi(reference.numpy(), estimate.numpy(), rate, extended=extended))
            except RuntimeWarning:
                return too_short

    return measure("ESTOI" if extended else "STOI", score, (reference, estimate), lengths)
