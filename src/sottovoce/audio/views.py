"""The ways in which somebody may listen to a recording of several channels."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sottovoce.audio.blocks import Samples
from sottovoce.audio.decoding import BLOCK
from sottovoce.audio.files import Sound
from sottovoce.audio.resampling import MODEL_RATE, resample_blocks

QUIETEST = 1e-4
"""Power of a view, as a share of the loudest one's, below which there is nothing to hear in it: -40 dB."""

Weights = NDArray[np.float64]


def views(sound: Sound) -> dict[str, Weights]:
    """Every channel, the mean of all, and the differences of neighbouring channels.

    A talker who stands nearer to one microphone is in the channels; one whom both hear alike is in the mean; what one
    microphone hears alone is left in a difference.

    Args:
        sound: the recording.

    Returns:
        The weight of each channel, by name; views in which there is nothing to hear are left out.

    Example:
        >>> from sottovoce.audio.files import Recording
        >>> list(views(Recording(np.array([[0.3, 0.1], [-0.3, 0.3]]), 8_000)))
        ['channel 1', 'channel 2', 'mean', 'difference 1-2']
        >>> list(views(Recording(np.array([[0.3, 0.3], [-0.3, -0.3]]), 8_000)))
        ['channel 1', 'channel 2', 'mean']
        >>> list(views(Recording(np.array([[0.3], [-0.3]]), 8_000)))
        ['channel 1']
    """
    found, products = _all(sound.channels), np.zeros((sound.channels, sound.channels))
    for block in centred(sound):
        products += block.T @ block
    powers = {name: float(weights @ products @ weights) for name, weights in found.items()}
    loudest = max(powers.values())
    return {name: weights for name, weights in found.items() if powers[name] > QUIETEST * loudest}


def hear(sound: Sound, weights: Weights) -> Tensor:
    """A view of a recording as models hear it: at 16 kHz, without its mean, float32 `(samples,)`."""
    return _heard(sound, weights[:, None])[0]


def hear_channels(sound: Sound) -> Tensor:
    """Each channel of a recording as models hear it: at 16 kHz, without its mean, float32 `(channels, samples)`."""
    return _heard(sound, np.eye(sound.channels))


def centred(sound: Sound) -> Iterator[Samples]:
    """A recording in blocks, each channel without its mean: a constant offset is no sound."""
    mean, varies = sound.mean, sound.low < sound.high
    return ((block - mean) * varies for block in sound.blocks())


def as_samples(change: Tensor, sound: Sound) -> Iterator[Samples]:
    """Changes of each channel, float32 `(channels, samples)` at 16 kHz, in blocks at the rate of a recording."""
    pieces = (change[:, start : start + BLOCK].T.double().numpy() for start in range(0, change.shape[1], BLOCK))
    return resample_blocks(pieces, MODEL_RATE, sound.rate, sound.frames)


def _heard(sound: Sound, mixing: NDArray[np.float64]) -> Tensor:
    length = (2 * sound.frames * MODEL_RATE + sound.rate) // (2 * sound.rate)
    heard, done = torch.empty(mixing.shape[1], length), 0
    mixed = (block @ mixing for block in centred(sound))
    for block in resample_blocks(mixed, sound.rate, MODEL_RATE, length):
        heard[:, done : done + len(block)] = torch.from_numpy(block.T).float()
        done += len(block)
    return heard


def _all(channels: int) -> dict[str, Weights]:
    unit = np.eye(channels)
    found = {f"channel {number}": weights for number, weights in enumerate(unit, start=1)}
    if channels > 1:
        found["mean"] = np.full(channels, 1 / channels)
    for number in range(1, channels):
        found[f"difference {number}-{number + 1}"] = 0.5 * (unit[number - 1] - unit[number])
    return found
