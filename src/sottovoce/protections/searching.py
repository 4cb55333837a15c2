"""The search for a perturbation that crosses to other listeners, through a whole recording."""

from collections.abc import Callable

from torch import Tensor, nn

from sottovoce.protections.base import Progress
from sottovoce.protections.presets import crossing
from sottovoce.protections.windowed import Window, perturb_in_windows
from sottovoce.threats.objectives import Objective

Goals = tuple[list[nn.Module], list[Objective]]
"""Listeners, and what each of them should make of a window."""


def search(
    heard: Tensor,
    found: list[Window],
    goals: Callable[[Tensor, Tensor, Window], Goals],
    *,
    snr: float,
    steps: int,
    progress: Progress,
) -> Tensor:
    """Attack window after window with `presets.crossing`.

    Args:
        heard: `(channels, samples)` at 16 kHz.
        found: its windows, from `windowed.cut`.
        goals: from a window's waveform `(1, samples)`, its length `(1,)` and its place to what is wanted there. Windows
            for which nothing is wanted stay as they are, and so do silent ones, of which it is not asked.
        snr: minimum SNR of the perturbation in dB.
        steps: gradient steps for each window.
        progress: called with the finished share.

    Returns:
        The perturbation, `(channels, samples)`.
    """

    def attacked(waveforms: Tensor, lengths: Tensor, batch: list[Window], part: Progress) -> Tensor:
        listeners, objectives = goals(waveforms, lengths, batch[0]) if waveforms.any() else ([], [])
        if not listeners:
            return waveforms
        attack = crossing(snr, steps=steps, progress=lambda number: part(number / steps))
        return attack(listeners, waveforms, objectives, lengths=lengths).adversarial

    return perturb_in_windows(heard, found, 1, attacked, progress)
