"""Speech transmission index (STI), measured on speech instead of test signals."""

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from sottovoce.metrics.base import Undefined, measure

RATE = 16_000
CENTRES = (125, 250, 500, 1000, 2000, 4000)
WEIGHTS = np.array([0.129, 0.143, 0.114, 0.114, 0.186, 0.171])
"""Octave-band weights of Steeneken and Houtgast (1985), without the 8 kHz band; renormalised before use. Later editions
of IEC 60268-16 have other weights for male and female speech."""
FASTEST = 25.0
"""Cut-off of the envelopes in Hz; speech is modulated more slowly."""
LARGEST = 15.0
"""Limit of the apparent SNR in dB, both ways."""
SHORTEST = 0.5
"""Seconds."""


def sti(reference: Tensor, estimate: Tensor, lengths: Tensor | None = None) -> Tensor:
    """Speech transmission index from the covariance of intensity envelopes (Goldsworthy and Greenberg, 2004).

    In each octave band from 125 Hz to 4 kHz, r² is the squared correlation of the two intensity envelopes below 25 Hz.
    The apparent SNR 10·log₁₀(r² / (1 - r²)), clipped to ±15 dB, is mapped to 0 to 1; the result is the mean over the
    bands with the weights of Steeneken and Houtgast (1985).

    Args:
        reference: `(batch, samples)` clean speech at 16 kHz, right-padded.
        estimate: received speech, the same shape.
        lengths: `(batch,)` in samples; None if there is no padding.

    Returns:
        float64 `(batch,)` from 0 to 1; NaN where an example is shorter than half a second or the reference is silent.

    Raises:
        ValueError: if the shapes do not match.

    Example:
        >>> import torch
        >>> speech, noise = torch.randn(2, 1, 16_000)
        >>> round(sti(speech, 0.5 * speech).item(), 6)
        1.0
        >>> bool(sti(speech, noise) < 0.5)
        True
    """
    return measure("STI", _score, (reference, estimate), lengths)


def _score(reference: Tensor, estimate: Tensor) -> float | Undefined:
    if len(reference) < SHORTEST * RATE:
        return Undefined("the recording is shorter than half a second")
    if not bool(reference.any()):
        return Undefined("the reference is silent")
    indices = [_index(_envelope(reference, centre), _envelope(estimate, centre)) for centre in CENTRES]
    return float(np.dot(WEIGHTS / WEIGHTS.sum(), indices))


def _envelope(waveform: Tensor, centre: float) -> NDArray[np.float64]:
    from scipy.signal import butter, sosfiltfilt

    edges = centre / np.sqrt(2), min(centre * np.sqrt(2), 0.499 * RATE)
    band = sosfiltfilt(butter(4, edges, "bandpass", fs=RATE, output="sos"), waveform.double().numpy())
    smooth: NDArray[np.float64] = sosfiltfilt(butter(4, FASTEST, fs=RATE, output="sos"), band**2)
    return smooth


def _index(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    if first.std() == 0 or second.std() == 0:
        return 0.0
    shared = float(np.corrcoef(first, second)[0, 1]) ** 2
    apparent = 10 * np.log10(max(shared, 1e-12) / max(1 - shared, 1e-12))
    return float((np.clip(apparent, -LARGEST, LARGEST) + LARGEST) / (2 * LARGEST))
