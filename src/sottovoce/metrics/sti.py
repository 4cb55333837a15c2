"""Speech transmission index from speech itself."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt
from torch import Tensor

from sottovoce.metrics.base import Undefined, measure

RATE = 16_000
CENTRES = (125, 250, 500, 1000, 2000, 4000)
WEIGHTS = np.array([0.129, 0.143, 0.114, 0.114, 0.186, 0.171])
"""Of the octave bands up to 4 kHz, as in IEC 60268-16; renormalised, since the band at 8 kHz is missing."""
FASTEST = 25.0
"""Hz; the modulations of speech lie below."""
LARGEST = 15.0
"""dB, to either side."""
SHORTEST = 0.5


def sti(reference: Tensor, estimate: Tensor, lengths: Tensor | None = None) -> Tensor:
    """Speech transmission index by the covariance of intensity envelopes (Goldsworthy and Greenberg, 2004).

    In each octave band from 125 Hz to 4 kHz, r² is the squared correlation of the two intensity envelopes below 25 Hz;
    the apparent SNR 10·log10(r²/(1-r²)), limited to ±15 dB, gives an index from 0 to 1; these are averaged with the
    standard's weights.

    Args:
        reference: `(batch, samples)` clean speech at 16 kHz, right-padded.
        estimate: what arrived, the same shape.
        lengths: `(batch,)` in samples; None means that every row is full.

    Returns:
        float64 `(batch,)` from 0 to 1; NaN for rows shorter than half a second and for a silent reference.

    Raises:
        ValueError: if the shapes do not agree.
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
