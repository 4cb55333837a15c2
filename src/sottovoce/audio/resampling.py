"""Sample rate conversion."""

from typing import TypeVar

import numpy as np
import soxr
from numpy.typing import NDArray

MODEL_RATE = 16_000
"""Sample rate of all models in Hz."""

Float = TypeVar("Float", np.float32, np.float64)


def resample(samples: NDArray[Float], from_rate: int, to_rate: int, length: int | None = None) -> NDArray[Float]:
    """Resample with linear phase and without delay, at soxr's highest quality (VHQ).

    Example:
        >>> resample(np.zeros(44_100), 44_100, 16_000).shape
        (16000,)

    Args:
        samples: `(frames,)` or `(frames, channels)`, float32 or float64.
        from_rate: rate of `samples` in Hz.
        to_rate: rate of the result in Hz.
        length: number of frames of the result (default: `frames * to_rate / from_rate`, halves rounded up).

    Returns:
        `(length,)` or `(length, channels)` of the dtype of `samples`, cut or padded with zeros at the end.
    """
    if length is None:
        length = (2 * samples.shape[0] * to_rate + from_rate) // (2 * from_rate)
    resampled = soxr.resample(samples, from_rate, to_rate, quality="VHQ")[:length]
    padding = [(0, length - len(resampled))] + [(0, 0)] * (samples.ndim - 1)
    return np.pad(resampled, padding)
