"""What a recording drowns for the ear: a psychoacoustic model (Lin and Abdulla, 2015, as in Qin et al., ICML 2019)."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sottovoce.audio.batch import length_mask
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.audio.spectral import STFT

LOUDEST = 96.0
"""dB that the loudest bin of a recording is taken to have."""
WINDOW_GAIN = 8.0 / 3.0
FAINTEST = -200.0
APART = 0.5
"""Bark between two maskers; of nearer ones the fainter is dropped."""

Array = NDArray[np.float64]


class Masking:
    """Power spectra in dB, and the threshold under which a further sound is not heard beside a recording.

    All maskers are treated as tonal, as Qin et al. do.

    Args:
        size: window in samples; the hop is a quarter of it.
    """

    def __init__(self, size: int = 2048) -> None:
        self.stft = STFT(size=size, hop=size // 4, window="hann")
        frequencies = np.linspace(0, MODEL_RATE / 2, size // 2 + 1)
        self.bark: Array = 13 * np.arctan(0.00076 * frequencies) + 3.5 * np.arctan((frequencies / 7500) ** 2)
        self.quiet = _threshold_in_quiet(frequencies)

    def power(self, waveforms: Tensor) -> Tensor:
        """Power spectral density, full scale 1, `(batch, bins, frames)`."""
        spectrum = self.stft.to(waveforms.device)(waveforms)
        power: Tensor = WINDOW_GAIN * (spectrum.real.square() + spectrum.imag.square()) / self.stft.size**2
        return power

    def thresholds(self, waveforms: Tensor, lengths: Tensor) -> "Thresholds":
        """Of a batch `(batch, samples)`, zero in the padding; no gradient."""
        power = self.power(waveforms.detach()).double().cpu()
        loudest = power.amax((1, 2)).clamp(min=1e-20)
        levels = (10 * torch.log10(power.clamp(min=1e-30) / loudest[:, None, None])).clamp(min=FAINTEST) + LOUDEST
        found = [np.stack([self.threshold(frame) for frame in row.T], 1) for row in levels.numpy()]
        frames = self.stft.frames(lengths).to(waveforms.device)
        scale = 10 ** (LOUDEST / 10) / loudest
        return Thresholds(self, torch.from_numpy(np.stack(found)).to(waveforms), scale.to(waveforms), frames)

    def threshold(self, levels: Array) -> Array:
        """The masking threshold of one frame's levels `(bins,)`, both in dB."""
        maskers, places = self.maskers(levels)
        drowned = (10 ** (self.spread(maskers, places) / 10)).sum(0) + 10 ** (self.quiet / 10)
        threshold: Array = 10 * np.log10(np.maximum(drowned, 10 ** (FAINTEST / 10)))
        return threshold

    def maskers(self, levels: Array) -> tuple[Array, NDArray[np.intp]]:
        """Levels and bins of the frame's maskers: its local maxima, less what is inaudible or near to a louder one."""
        inner = levels[1:-1]
        places = 1 + np.flatnonzero((inner > levels[:-2]) & (inner > levels[2:]))
        found = 10 * np.log10(sum(10 ** (levels[places + step] / 10) for step in (-1, 0, 1)))
        audible = found > self.quiet[places]
        found, places = found[audible], places[audible]
        kept: list[int] = []
        for number in range(len(places)):
            if kept and self.bark[places[number]] - self.bark[places[kept[-1]]] < APART:
                if found[number] > found[kept[-1]]:
                    kept[-1] = number
            else:
                kept.append(number)
        return found[kept], places[kept]

    def spread(self, maskers: Array, places: NDArray[np.intp]) -> Array:
        """What each masker alone drowns: `(maskers, bins)` in dB, falling on two slopes from its own place."""
        distance = self.bark - self.bark[places][:, None]
        upwards = -27 + 0.37 * np.maximum(maskers - 40, 0)
        slope = np.where(distance > 0, upwards[:, None], 27)
        spread: Array = (maskers - 6.025 - 0.275 * self.bark[places])[:, None] + slope * distance
        return spread


@dataclass(frozen=True)
class Thresholds:
    """What each recording of a batch drowns.

    Attributes:
        masking: the model.
        levels: thresholds in dB, `(batch, bins, frames)`.
        scale: what brings a power of each recording to the thresholds' scale, `(batch,)`.
        frames: how many frames of each row count, `(batch,)`.
    """

    masking: Masking
    levels: Tensor
    scale: Tensor
    frames: Tensor

    def audibility(self, changes: Tensor) -> Tensor:
        """Mean power of a perturbation `(batch, samples)` above the threshold, `(batch,)`; 0 for an inaudible one."""
        power = self.masking.power(changes) * self.scale[:, None, None]
        own = length_mask(self.frames, power.shape[-1])[:, None]
        above = torch.relu(power - 10 ** (self.levels / 10)) * own
        return above.sum((1, 2)) / (self.frames * power.shape[1])


def _threshold_in_quiet(frequencies: Array) -> Array:
    """Of hearing, in dB; none below 20 Hz, where the formula does not hold."""
    kilohertz = np.maximum(frequencies, 20.0) / 1000
    quiet = 3.64 * kilohertz**-0.8 - 6.5 * np.exp(-0.6 * (kilohertz - 3.3) ** 2) + 0.001 * kilohertz**4 - 12
    return np.where(frequencies < 20.0, -np.inf, quiet)
