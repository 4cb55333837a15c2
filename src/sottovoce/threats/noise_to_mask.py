"""What an ear does not notice as a budget: perturbations below the recording's masking threshold."""

import torch
from torch import Tensor
from torch.nn import functional

from sottovoce.audio.batch import energy_about_mean, zero_padding
from sottovoce.audio.spectral import STFT
from sottovoce.ranges import number
from sottovoce.threats.budgets import ROUNDING
from sottovoce.threats.masking import Masking
from sottovoce.threats.settings import Settings

SIZE = 512
"""Window in samples (32 ms): long enough for low pitches, short enough to keep noise from preceding an onset."""
CLIPPINGS = 10
"""Number of times that what exceeds the limits is taken off."""
FURTHER = 1.5
"""Share of the excess that is taken off, since overlapping frames bring part of it back (over-relaxation)."""
FADINGS = 3
"""Number of times that the frames that still exceed their limits are faded."""
REACH = 4
"""Frames on each side of a frame that are faded with it: those that overlap it."""


class NoiseToMask(Settings):
    """Every time-frequency bin of the perturbation is at most `level` dB above the recording's masking threshold.

    The noise-to-mask ratio of PEAQ (Thiede et al., 2000) is that of noise and mask in bands of a quarter bark, with
    maskers that last beyond their end, as a mean over bands and frames. Ours is per bin of a 32 ms window, with the
    thresholds of `Masking`, and bounds the largest. A critical band has many bins: noise at 0 dB in all can be heard.

    The set is convex, since each bin is linear in the samples, but overlapping frames make the nearest point costly.
    The projection clips magnitudes repeatedly, then fades the frames that still exceed their limits, then scales the
    whole row. The result is within the limits but up to a few dB fainter than the nearest point; perturbations within
    them are unchanged and keep their gradient. Silent and constant rows may not be changed at all.

    Args:
        level: in dB. Loud white noise, projected, has a PESQ-wb of about 4 at -2 dB, 3.5 at 4 dB and 3 at 10 dB.

    Raises:
        ValueError: the level is not finite.

    Example:
        >>> time = torch.arange(16_000) / 16_000
        >>> recording, near, far = (torch.sin(2 * torch.pi * pitch * time)[None] for pitch in (1000, 1050, 4000))
        >>> budget = NoiseToMask(0.0)
        >>> limits = budget.limits(recording)
        >>> [round(float(budget.project(0.01 * tone, limits).std() / tone.std()), 3) for tone in (near, far)]
        [0.01, 0.002]
    """

    def __init__(self, level: float) -> None:
        self.level = number("level", level)
        self.masking = Masking(SIZE)

    def limits(self, originals: Tensor, lengths: Tensor | None = None) -> Tensor:
        """The largest magnitude of each bin of the spectrum: `(batch, bins, frames)`."""
        sounding = energy_about_mean(originals, lengths) > 0
        magnitudes = self.masking.thresholds(originals, lengths).magnitudes()
        return 10 ** (self.level / 20) * magnitudes * sounding[:, None, None]

    def project(self, perturbations: Tensor, limits: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Perturbations within the limits, close to the nearest ones; see `Budget.project`."""
        stft, changes = self.masking.stft.to(perturbations.device), perturbations
        for _ in range(CLIPPINGS):
            spectrum = stft(changes)
            gains = _gains(spectrum, limits)
            if bool((gains == 1.0).all()):
                return changes
            excess = stft.inverse(spectrum * (1.0 - gains), changes.shape[-1])
            changes = changes - FURTHER * zero_padding(excess, lengths)
        for _ in range(FADINGS):
            changes = changes * _fading(stft, _gains(stft(changes), limits).amin(1))[:, : changes.shape[-1]]
        changes = changes * _gains(stft(changes), limits).amin((1, 2))[:, None]
        return changes * (limits > 0).any(-1).any(-1)[:, None]


def _gains(spectrum: Tensor, limits: Tensor) -> Tensor:
    """The factors, at most 1, that bring each bin within its limit, 1 for those that are on it."""
    magnitudes = spectrum.abs()
    above = magnitudes > limits * (1.0 + ROUNDING)
    return torch.where(above, limits / magnitudes.where(above, 1.0), 1.0)


def _fading(stft: STFT, gains: Tensor) -> Tensor:
    """A smooth gain of the samples from gains of frames `(batch, frames)`: in each frame at most the frame's own.

    Beyond the ends it is 1, so that padding changes nothing.
    """
    around = functional.pad(gains, (2 * REACH, 2 * REACH), value=1.0)
    least = -functional.max_pool1d(-around, 2 * REACH + 1, stride=1)
    smooth = functional.avg_pool1d(least, 2 * REACH + 1, stride=1)
    samples = (gains.shape[-1] - 1) * stft.hop + 1
    return functional.interpolate(smooth[:, None], size=samples, mode="linear", align_corners=True)[:, 0]
