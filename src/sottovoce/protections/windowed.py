"""Searches for the perturbation of whole recordings: in windows, a few at a time, cross-faded."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from sottovoce.audio import windows
from sottovoce.audio.batch import pad, unpad
from sottovoce.protections.base import Progress


class Window(NamedTuple):
    """A piece of a recording."""

    channel: int
    place: slice


Search = Callable[[Tensor, Tensor, list[Window], Progress], Tensor]
"""From waveforms `(batch, samples)`, their lengths `(batch,)`, which windows they are, and progress, to adversarial
waveforms."""


def cut(heard: Tensor, seam: int = 1) -> list[Window]:
    """The windows of a recording `(channels, samples)` at 16 kHz, channel by channel; see `windows.spans`."""
    spans = windows.spans(heard.shape[-1], seam)
    return [Window(channel, place) for channel in range(len(heard)) for place in spans]


def perturb_in_windows(heard: Tensor, found: list[Window], at_once: int, search: Search, progress: Progress) -> Tensor:
    """The perturbation of a recording.

    Args:
        heard: `(channels, samples)` at 16 kHz.
        found: its windows, from `cut`.
        at_once: windows in a batch; more of them take more memory and save little time on a CPU.
        search: attacks one batch.
        progress: called with the finished share.

    Returns:
        The same shape as `heard`, to be added.
    """
    changes: list[Tensor] = []
    for first in range(0, len(found), at_once):
        batch = found[first : first + at_once]
        waveforms, lengths = pad([heard[channel, place] for channel, place in batch])
        lengths = lengths.to(heard.device)
        part = partial(_part, progress, first / len(found), len(batch) / len(found))
        changes += unpad(search(waveforms, lengths, batch, part) - waveforms, lengths)
    by_channel = len(found) // len(heard)
    places = [place for _, place in found[:by_channel]]
    rows = range(0, len(changes), by_channel)
    return torch.stack([windows.join(changes[row : row + by_channel], places) for row in rows])


def _part(progress: Progress, done: float, share: float, finished: float) -> None:
    progress(done + share * finished)
