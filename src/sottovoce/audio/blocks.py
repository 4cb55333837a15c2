"""Samples that come in blocks of any size."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]


class Blocks:
    """Takes as many frames as are wanted from blocks of other sizes.

    Args:
        blocks: `(frames, channels)` each, in order.

    Example:
        >>> rest = Blocks([np.zeros((3, 1)), np.ones((2, 1))])
        >>> rest.take(4)[:, 0], len(rest.take(4))
        (array([0., 0., 0., 1.]), 1)
    """

    def __init__(self, blocks: Iterable[Samples]) -> None:
        self._rest, self._waiting = iter(blocks), list[Samples]()

    def take(self, frames: int) -> Samples:
        """The next frames, fewer only at the end."""
        while sum(map(len, self._waiting)) < frames and (block := next(self._rest, None)) is not None:
            self._waiting.append(block)
        if not self._waiting:
            return np.zeros((0, 0))
        whole = self._waiting[0] if len(self._waiting) == 1 else np.concatenate(self._waiting)
        self._waiting = [whole[frames:]]
        return whole[:frames]


def paired(first: Iterable[Samples], second: Iterable[Samples]) -> Iterator[tuple[Samples, Samples]]:
    """The blocks of one recording with as many frames of another of the same length.

    Raises:
        ValueError: the second is shorter.
    """
    rest = Blocks(second)
    for block in first:
        own = rest.take(len(block))
        if len(own) < len(block):
            raise ValueError(f"{len(block) - len(own)} frames are missing")
        yield block, own
