"""How far what is given lies behind what was taken."""

import numpy as np

from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.live.voice import BLOCK

LIMIT = 50.0
"""Milliseconds after which a block is late: a player that stays that far behind has nothing to play."""
BLOCK_MS = 1000.0 * BLOCK / MODEL_RATE
_STEP, _STEPS = 0.1, 20_000
_WAITED = 1e-3


class Timing:
    """Latency and computing time of a stream, block by block, in bounded memory.

    Attributes:
        fixed: milliseconds that pass by the clock of the sound: look-ahead, the block itself, buffers of a device.
        seconds: of sound that was taken.
        dropped: blocks that came too late, or not at all.
    """

    def __init__(self) -> None:
        self.fixed = self.seconds = self.computing = 0.0
        self.blocks = self.dropped = 0
        self._counts = np.zeros(_STEPS, np.int64)
        self._most = 0.0
        self._arrived = np.inf

    def arrived(self, asked: float, got: float) -> float:
        """When a block arrived that was asked for and got at these times, all in seconds.

        Who had to wait for a block got it when it arrived. One that was there already has been waiting: a source in
        real time gave it a block's length after the one before.
        """
        waited = got - asked > _WAITED
        self._arrived = got if waited else min(got, self._arrived + BLOCK_MS / 1000.0)
        return self._arrived

    def note(self, samples: int, computing: float, behind: float) -> None:
        """Count a block.

        Args:
            samples: in it.
            computing: seconds that it took.
            behind: seconds from its arrival until its result was given.
        """
        latency = self.fixed + 1000.0 * behind
        self.blocks += 1
        self.seconds += samples / MODEL_RATE
        self.computing += computing
        self._counts[min(int(latency / _STEP), _STEPS - 1)] += 1
        self._most = max(self._most, latency)

    def latency(self, share: float) -> float:
        """The latency in ms that this share of the blocks does not exceed, to a tenth; 1 for the highest."""
        if share >= 1.0 or not self.blocks:
            return self._most
        place = int(np.searchsorted(np.cumsum(self._counts), share * self.blocks))
        return min(_STEP * (place + 1), self._most)

    def line(self) -> str:
        """What was measured, in a line."""
        factor = self.computing / self.seconds if self.seconds else 0.0
        median, most = self.latency(0.5), self.latency(0.99)
        return (
            f"{self.seconds:.1f} s of sound; real-time factor {factor:.2f}; latency {median:.1f} ms (median), "
            f"{most:.1f} ms (99 %), {self.latency(1.0):.1f} ms (highest), {self.fixed:.1f} ms of it look-ahead and "
            f"buffers; {self.dropped} of {self.blocks} buffers dropped"
        )
