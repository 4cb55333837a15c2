"""Changing the sample rate."""

from typing import TypeVar

import numpy as np
import soxr
from numpy.typing import NDArray

MODEL_RATE = 16_000
"""The sample rate in Hz at which every model listens."""


Float = TypeVar("Float", np.float32, np.float64)


def resample(samples: NDArray[Float], from_rate: int, to_rate: int, length: int | None = None) -> NDArray[Float]:
    """Resample in linear phase, without a time shift, at soxr's best quality (VHQ).

    Args:
        samples: (frames,) or (frames, channels), float32 or float64.
        from_rate: the rate of ``samples`` in Hz.
        to_rate: the wanted rate in Hz.
        length: the wanted number of frames; if not given, ``frames * to_rate / from_rate`` rounded, halves upwards.

    Returns:
        (length,) or (length, channels), of the dtype of ``samples``; cut or padded with zeros at the end.
    """
    if length is None:
        length = (2 * samples.shape[0] * to_rate + from_rate) // (2 * from_rate)
    resampled = soxr.resample(samples, from_rate, to_rate, quality="VHQ")[:length]
    padding = [(0, length - len(resampled))] + [(0, 0)] * (samples.ndim - 1)
    return np.pad(resampled, padding)
