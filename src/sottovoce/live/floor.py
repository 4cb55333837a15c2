"""An SNR that holds at every moment, for sound whose end is not known."""

import math

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]
Whole = NDArray[np.int64]


class RunningFloor:
    """Limits a change so that everything so far keeps an SNR, after every single sample.

    A file's floor scales the change of the whole recording; here the recording is not known yet. Instead, the signal
    pays its share into an account, from which the change is paid: what exceeds the account is clipped. At the end this
    is the floor of a file, with the signal's energy about its mean, as `Sum` has it; on the way the change is less
    even. How the sound is cut into pieces makes no difference.

    Args:
        snr: in dB, 10·log10(Σ (x - x̄)² / Σ δ²) of everything so far.

    Example:
        >>> floor = RunningFloor(20.0)
        >>> own = np.array([1000, -1000, 1000, -1000], np.int16)
        >>> floor.within(own, np.array([300, 300, 300, 300])).tolist()
        [0, 141, 81, 115]
        >>> round(floor.snr, 2)
        20.04
    """

    def __init__(self, snr: float) -> None:
        self.share = 10.0 ** (-snr / 10.0)
        self.balance = self.energy = 0.0
        self.count = self.sum = self.spent = 0

    @property
    def snr(self) -> float:
        """The SNR of everything so far, in dB; infinite before anything has changed."""
        return math.inf if self.spent == 0 else 10.0 * math.log10(self.energy / self.spent)

    def within(self, own: Samples, change: Whole) -> Whole:
        """As much of the change as the floor allows.

        Args:
            own: the next samples, `(n,)`.
            change: what is to be added to them, `(n,)`, in the same steps of 16 bits.
        """
        if not len(own):
            return change
        earned = self._earned(own)
        account = self.balance + np.cumsum(self.share * earned - np.square(change, dtype=np.float64))
        overdrawn = np.minimum.accumulate(np.minimum(account, 0.0))
        cut = -np.diff(overdrawn, prepend=0.0)
        most = np.sqrt(np.maximum(np.square(change, dtype=np.float64) - cut, 0.0)).astype(np.int64)
        limited: Whole = np.where(cut > 0.0, np.sign(change) * most, change)
        self.balance = float(account[-1] - overdrawn[-1])
        self.energy += float(earned.sum())
        self.spent += int(np.square(limited).sum())
        return limited

    def _earned(self, own: Samples) -> NDArray[np.float64]:
        """By how much each sample raises the energy about the mean (Welford, 1962)."""
        sums, counts = self.sum + np.cumsum(own, dtype=np.int64), self.count + np.arange(1, len(own) + 1)
        before = np.concatenate([[self.sum], sums[:-1]]) / np.maximum(counts - 1, 1)
        self.sum, self.count = int(sums[-1]), int(counts[-1])
        return np.square(own - before) * (counts - 1) / counts
