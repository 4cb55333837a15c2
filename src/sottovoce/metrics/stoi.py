"""Short-time objective intelligibility."""

import warnings

import pystoi
from torch import Tensor

from sottovoce.metrics.base import Undefined, measure

SHORTEST = 0.4
"""Seconds of speech for one value: 30 frames of 25.6 ms every 12.8 ms."""


def stoi(
    reference: Tensor, estimate: Tensor, lengths: Tensor | None = None, *, extended: bool = False, rate: int = 16000
) -> Tensor:
    """STOI (Taal et al. 2011) or extended STOI (Jensen and Taal 2016), computed by pystoi.

    Args:
        reference: clean speech `(batch, samples)`, right-padded.
        estimate: the same shape.
        lengths: `(batch,)` in samples; None means that every row is full.
        extended: give the extended variant, made for noise that comes and goes.
        rate: Hz; pystoi resamples to 10 kHz.

    Returns:
        float64 `(batch,)`, at most 1, about 0 where nothing is left of the speech; NaN where the reference is silent or
        less than 0.4 s of it lie within 40 dB of its loudest part.

    Raises:
        ValueError: if the shapes do not agree.
    """

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
