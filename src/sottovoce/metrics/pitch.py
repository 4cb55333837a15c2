"""Pitch contours: how alike two are, and how much of a recording has any."""

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from sottovoce.metrics.base import Undefined, measure

RATE = 16_000
STEP, FLOOR, CEILING = 0.01, 75.0, 500.0
TOO_SHORT = Undefined("the recording is shorter than three periods of the lowest pitch")


def pitch_correlation(reference: Tensor, estimate: Tensor, lengths: Tensor | None = None) -> Tensor:
    """Pearson correlation of the two pitch contours, as in the VoicePrivacy Challenge 2022.

    Praat estimates the pitch every 10 ms between 75 and 500 Hz; unvoiced frames are 0. The shorter contour is stretched
    to the longer one, and the second is shifted to the highest cross-correlation. All frames count, voiced or not.

    Args:
        reference: `(batch, samples)` at 16 kHz, right-padded.
        estimate: the same shape.
        lengths: `(batch,)` in samples; None if there is no padding.

    Returns:
        float64 `(batch,)` from -1 to 1; 0, as in the challenge, where a contour is constant (nothing is voiced). NaN
        where an example is shorter than three periods of 75 Hz.

    Raises:
        ValueError: if the shapes do not match.

    Example:
        >>> import torch
        >>> time = torch.arange(16_000, dtype=torch.float64)[None] / 16_000
        >>> def glide(low, high):
        ...     return 0.1 * torch.sin(2 * torch.pi * (low * time + (high - low) * time**2 / 2)).sign()
        >>> bool(pitch_correlation(glide(100, 200), glide(150, 300)) > 0.9)
        True
    """
    return measure("pitch correlation", _score, (reference, estimate), lengths)


def voiced_share(waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
    """Share of a recording that has a pitch, by Praat's estimate every 10 ms between 75 and 500 Hz.

    Of read sentences it is at least a tenth, of most noise nothing; engines, animals and music have a pitch as well,
    and whispering has none.

    Args:
        waveforms: `(batch, samples)` at 16 kHz, right-padded.
        lengths: `(batch,)` in samples; None if there is no padding.

    Returns:
        float64 `(batch,)` from 0 to 1; NaN where an example is shorter than three periods of 75 Hz.

    Raises:
        ValueError: if the shapes do not match.

    Example:
        >>> import torch
        >>> time = torch.arange(16_000)[None] / 16_000
        >>> buzz = 0.1 * torch.sin(2 * torch.pi * 150 * time).sign()
        >>> bool(voiced_share(buzz) > 0.9), float(voiced_share(0.1 * torch.randn(1, 16_000)))
        (True, 0.0)
    """
    return measure("voiced share", _voiced, (waveforms,), lengths)


def _voiced(waveform: Tensor) -> float | Undefined:
    if len(waveform) <= 3 * RATE / FLOOR:
        return TOO_SHORT
    return float((_track(waveform) > 0).mean())


def _score(reference: Tensor, estimate: Tensor) -> float | Undefined:
    if len(reference) <= 3 * RATE / FLOOR:
        return TOO_SHORT
    first, second = _track(reference), _track(estimate)
    size = max(len(first), len(second))
    first, second = _stretched(first, size), _stretched(second, size)
    lag = int(np.argmax(np.correlate(first - first.mean(), second - second.mean(), "full"))) - (size - 1)
    shifted = np.zeros(size)
    shifted[max(0, lag) : size + min(0, lag)] = second[max(0, -lag) : size - max(0, lag)]
    if first.std() == 0 or shifted.std() == 0:
        return 0.0
    return float(np.corrcoef(first, shifted)[0, 1])


def _track(waveform: Tensor) -> NDArray[np.float64]:
    import parselmouth

    sound = parselmouth.Sound(waveform.numpy(), sampling_frequency=RATE)
    track: NDArray[np.float64] = sound.to_pitch(STEP, FLOOR, CEILING).selected_array["frequency"]
    return track


def _stretched(track: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    if len(track) == size:
        return track
    return np.interp(np.linspace(0, len(track) - 1, size), np.arange(len(track)), track)
