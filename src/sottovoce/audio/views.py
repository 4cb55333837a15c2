"""The ways in which somebody may listen to a recording of several channels."""

from collections.abc import Iterable

import torch
from torch import Tensor

QUIETEST = 1e-4
"""Power of a view, as a share of the loudest one's, below which there is nothing to hear in it: -40 dB."""


def views(heard: Tensor) -> dict[str, Tensor]:
    """Every channel, the mean of all, and the differences of neighbouring channels.

    A talker who stands nearer to one microphone is in the channels; one whom both hear alike is in the mean; what one
    microphone hears alone is left in a difference.

    Args:
        heard: `(channels, samples)`.

    Returns:
        Signals `(samples,)` by name; views in which there is nothing to hear are left out.

    Example:
        >>> list(views(torch.tensor([[0.3, -0.3], [0.1, 0.3]])))
        ['channel 1', 'channel 2', 'mean', 'difference 1-2']
        >>> list(views(torch.tensor([[0.3, -0.3], [0.3, -0.3]])))
        ['channel 1', 'channel 2', 'mean']
        >>> list(views(torch.tensor([[0.3, -0.3]])))
        ['channel 1']
    """
    found = _all(heard)
    powers = {name: float(view.square().mean()) for name, view in found.items()}
    loudest = max(powers.values())
    return {name: view for name, view in found.items() if powers[name] > QUIETEST * loudest}


def same_views(heard: Tensor, names: Iterable[str]) -> Tensor:
    """The views of another recording by name, `(names, samples)`."""
    found = _all(heard)
    return torch.stack([found[name] for name in names])


def _all(heard: Tensor) -> dict[str, Tensor]:
    found = {f"channel {number}": channel for number, channel in enumerate(heard, start=1)}
    if len(heard) > 1:
        found["mean"] = heard.mean(0)
    for number in range(1, len(heard)):
        found[f"difference {number}-{number + 1}"] = 0.5 * (heard[number - 1] - heard[number])
    return found
