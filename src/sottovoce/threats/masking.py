"""A psychoacoustic model of masking (Lin and Abdulla, 2015, as used by Qin et al., 2019)."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sottovoce.audio.batch import full_lengths, length_mask, zero_padding
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.audio.spectral import STFT

LOUDEST = 96.0
"""Assumed level of a recording's loudest bin in dB."""
WINDOW_GAIN = 8.0 / 3.0
"""Compensates for the power that the Hann window removes."""
FAINTEST = -200.0
"""Floor of levels in dB."""
APART = 0.5
"""Smallest distance of two maskers in bark; the fainter one of a closer pair is dropped."""
STRICTER = -12.0
"""Added to the threshold of hearing in dB, as by Qin et al. and in ISO 11172-3 for high bit rates."""

Array = NDArray[np.float64]


class Masking:
    """The levels below which an added sound cannot be heard in a recording.

    All maskers are treated as tonal, as by Qin et al. (2019). They allow nothing below 20 Hz; here, the threshold of
    hearing there is that of 20 Hz.

    Args:
        size: window length in samples, by default that of Qin et al.; the hop is a quarter of it.

    Example:
        >>> time = torch.arange(16_000) / 16_000
        >>> recording, near, far = (torch.sin(2 * torch.pi * pitch * time)[None] for pitch in (1000, 1040, 4000))
        >>> thresholds = Masking().thresholds(recording, torch.tensor([16_000]))
        >>> bool(thresholds.audibility(0.01 * near) < 0.01 * thresholds.audibility(0.01 * far))
        True
    """

    def __init__(self, size: int = 2048) -> None:
        self.stft = STFT(size=size, hop=size // 4, window="hann")
        frequencies = np.linspace(0, MODEL_RATE / 2, size // 2 + 1)
        self.bark: Array = 13 * np.arctan(0.00076 * frequencies) + 3.5 * np.arctan((frequencies / 7500) ** 2)
        self.quiet = _threshold_in_quiet(frequencies)

    def power(self, waveforms: Tensor) -> Tensor:
        """Power spectral density (full scale 1) of `(batch, samples)`: `(batch, bins, frames)`."""
        spectrum = self.stft.to(waveforms.device)(waveforms)
        power: Tensor = WINDOW_GAIN * (spectrum.real.square() + spectrum.imag.square()) / self.stft.size**2
        return power

    @torch.no_grad()
    def thresholds(self, waveforms: Tensor, lengths: Tensor | None = None) -> "Thresholds":
        """The masking thresholds of `(batch, samples)`, zero in the padding; without gradient.

        A constant offset is no sound, so it masks nothing.
        """
        own = full_lengths(waveforms) if lengths is None else lengths.to(waveforms.device)
        means = (waveforms.sum(-1, dtype=torch.float64) / own).to(waveforms.dtype)
        power = self.power(zero_padding(waveforms - means[:, None], own)).double().cpu()
        loudest = power.amax((1, 2)).clamp(min=1e-20)
        levels = (10 * torch.log10(power.clamp(min=1e-30) / loudest[:, None, None])).clamp(min=FAINTEST) + LOUDEST
        found = [np.stack([self.threshold(frame) for frame in row.T], 1) for row in levels.numpy()]
        scale = 10 ** (LOUDEST / 10) / loudest
        return Thresholds(
            self, torch.from_numpy(np.stack(found)).to(waveforms), scale.to(waveforms), self.stft.frames(own)
        )

    def threshold(self, levels: Array) -> Array:
        """The masking threshold of one frame from its levels, both `(bins,)` in dB."""
        maskers, places = self.maskers(levels)
        threshold: Array = 10 * np.log10((10 ** (self.spread(maskers, places) / 10)).sum(0) + 10 ** (self.quiet / 10))
        return threshold

    def maskers(self, levels: Array) -> tuple[Array, NDArray[np.intp]]:
        """Levels and bins of a frame's maskers: its audible local maxima that are not close to a louder one."""
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
        """The threshold due to each masker alone, with a slope on each side of it: `(maskers, bins)` in dB."""
        distance = self.bark - self.bark[places][:, None]
        upwards = -27 + 0.37 * np.maximum(maskers - 40, 0)
        slope = np.where(distance > 0, upwards[:, None], 27)
        spread: Array = (maskers - 6.025 - 0.275 * self.bark[places])[:, None] + slope * distance
        return spread


@dataclass(frozen=True)
class Thresholds:
    """The masking thresholds of a batch of recordings.

    Attributes:
        masking: the model.
        levels: thresholds in dB, `(batch, bins, frames)`.
        scale: factor from each recording's power to the scale of the thresholds, `(batch,)`.
        frames: number of frames of each row without padding, `(batch,)`.
    """

    masking: Masking
    levels: Tensor
    scale: Tensor
    frames: Tensor

    def magnitudes(self) -> Tensor:
        """The thresholds as magnitudes of `masking.stft`, full scale 1, 0 in the padding: `(batch, bins, frames)`."""
        own = length_mask(self.frames, self.levels.shape[-1])[:, None]
        power = 10 ** (self.levels / 10) / self.scale[:, None, None]
        return self.masking.stft.size * torch.sqrt(power / WINDOW_GAIN) * own

    def audibility(self, changes: Tensor) -> Tensor:
        """Mean power of perturbations `(batch, samples)` above the threshold, 0 if inaudible: `(batch,)`."""
        power = self.masking.power(changes) * self.scale[:, None, None]
        own = length_mask(self.frames, power.shape[-1])[:, None]
        above = torch.relu(power - 10 ** (self.levels / 10)) * own
        return above.sum((1, 2)) / (self.frames * power.shape[1])


def _threshold_in_quiet(frequencies: Array) -> Array:
    """The threshold of hearing in dB (Terhardt, 1979), below 20 Hz that of 20 Hz, made stricter."""
    kilohertz = np.maximum(frequencies, 20.0) / 1000
    quiet = 3.64 * kilohertz**-0.8 - 6.5 * np.exp(-0.6 * (kilohertz - 3.3) ** 2) + 0.001 * kilohertz**4
    return quiet + STRICTER
