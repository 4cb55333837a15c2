"""Sample rate conversion."""

from collections.abc import Iterable, Iterator
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


def resample_blocks(
    blocks: Iterable[NDArray[Float]], from_rate: int, to_rate: int, length: int
) -> Iterator[NDArray[Float]]:
    """The same as `resample`, a block at a time.

    Example:
        >>> blocks = (np.zeros((441, 2)) for _ in range(100))
        >>> sum(len(block) for block in resample_blocks(blocks, 44_100, 16_000, 16_000))
        16000

    Args:
        blocks: `(frames, channels)` each, in order, at least one.
        from_rate: their rate in Hz.
        to_rate: rate of the result in Hz.
        length: number of frames of the result.

    Yields:
        Blocks of `length` frames altogether.
    """
    stream, done = None, 0
    empty: NDArray[Float] | None = None
    for block, is_last in _with_last(blocks):
        empty = block[:0]
        if from_rate == to_rate:
            found = block
        else:
            stream = stream or soxr.ResampleStream(from_rate, to_rate, block.shape[1], block.dtype, quality="VHQ")
            found = stream.resample_chunk(np.ascontiguousarray(block), last=is_last)
        found = found[: length - done]
        done += len(found)
        if len(found):
            yield found
    if done < length and empty is not None:
        yield np.pad(empty, ((0, length - done), (0, 0)))


def _with_last(blocks: Iterable[NDArray[Float]]) -> Iterator[tuple[NDArray[Float], bool]]:
    """Each block, and whether it is the last one."""
    rest = iter(blocks)
    block = next(rest)
    for following in rest:
        yield block, False
        block = following
    yield block, True
