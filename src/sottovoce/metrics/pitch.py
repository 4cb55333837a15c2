"""Correlation of pitch tracks."""

import numpy as np
import parselmouth
from numpy.typing import NDArray
from torch import Tensor

from sottovoce.metrics.base import Undefined, measure

RATE = 16_000
STEP, FLOOR, CEILING = 0.01, 75.0, 500.0


def pitch_correlation(reference: Tensor, estimate: Tensor, lengths: Tensor | None = None) -> Tensor:
    """Pearson correlation of the two pitch tracks, as in the VoicePrivacy Challenge 2022.

    Praat's pitch every 10 ms between 75 and 500 Hz, 0 where there is no voice; the shorter track is stretched to the
    longer; the second is moved to where the cross-correlation is highest; all frames count, with or without a voice.

    Args:
        reference: `(batch, samples)` at 16 kHz, right-padded.
        estimate: the same shape.
        lengths: `(batch,)` in samples; None means that every row is full.

    Returns:
        float64 `(batch,)` from -1 to 1; 0, as in the challenge, where a track is constant (no voice at all). NaN where
        a row is too short for three periods of 75 Hz.

    Raises:
        ValueError: if the shapes do not agree.
    """
    return measure("pitch correlation", _score, (reference, estimate), lengths)


def _score(reference: Tensor, estimate: Tensor) -> float | Undefined:
    if len(reference) <= 3 * RATE / FLOOR:
        return Undefined("the recording is shorter than three periods of the lowest pitch")
    first, second = _track(reference), _track(estimate)
    size = max(len(first), len(second))
    first, second = _stretched(first, size), _stretched(second, size)
    lag = int(np.argmax(np.correlate(first - first.mean(), second - second.mean(), "full"))) - (size - 1)
    moved = np.zeros(size)
    moved[max(0, lag) : size + min(0, lag)] = second[max(0, -lag) : size - max(0, lag)]
    if first.std() == 0 or moved.std() == 0:
        return 0.0
    return float(np.corrcoef(first, moved)[0, 1])


def _track(waveform: Tensor) -> NDArray[np.float64]:
    sound = parselmouth.Sound(waveform.numpy(), sampling_frequency=RATE)
    track: NDArray[np.float64] = sound.to_pitch(STEP, FLOOR, CEILING).selected_array["frequency"]
    return track


def _stretched(track: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    if len(track) == size:
        return track
    return np.interp(np.linspace(0, len(track) - 1, size), np.arange(len(track)), track)
