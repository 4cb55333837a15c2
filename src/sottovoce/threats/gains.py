"""A domain without noise: a smooth equaliser that follows the recording."""

import torch
from torch import Tensor

from sottovoce.audio.batch import energy, zero_padding
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.audio.spectral import STFT, hz_to_mel
from sottovoce.ranges import number
from sottovoce.threats.settings import Settings

BANDS = 24
"""Number of bands, about one a bark."""
STEP = 800
"""Time between gains in samples: 20 per second."""


class GainDomain(Settings):
    """Gains of the recording's own spectrum, in 24 bands on the mel scale, 20 times a second, of at most ±`reach` dB.

    Ours. The gain of a band is reach·tanh(coordinate); in between, gains in dB are interpolated by raised cosines.
    Nothing is added that is not in the recording, so that pauses stay as they are; a constant offset is no sound and
    stays, too.

    Args:
        reach: largest gain or loss in dB.

    Raises:
        ValueError: the reach is not above 0.

    Example:
        >>> waveforms = 0.1 * torch.sin(torch.arange(1000.0))[None]
        >>> chart = GainDomain(6.0).chart(waveforms, torch.tensor([1000]))
        >>> chart.start.shape, torch.equal(chart.decode(chart.start), waveforms)
        (torch.Size([1, 24, 3]), True)
        >>> louder = chart.decode(chart.start + 10.0)
        >>> round(20 * torch.log10(louder.std() / waveforms.std()).item(), 2)
        6.0
    """

    def __init__(self, reach: float) -> None:
        self.reach = number("reach", reach, above=0)
        self.stft = STFT(size=512, hop=128, window="hann")

    def chart(self, waveforms: Tensor, lengths: Tensor) -> "GainChart":
        """See `Domain.chart`."""
        return GainChart(self.stft.to(waveforms.device), waveforms, lengths, self.reach)


class GainChart:
    """The chart of `GainDomain`; coordinates are `(batch, bands, steps)`."""

    def __init__(self, stft: STFT, waveforms: Tensor, lengths: Tensor, reach: float) -> None:
        self.stft, self.waveforms, self.lengths, self.reach = stft, waveforms, lengths, reach
        means = (waveforms.sum(-1, dtype=torch.float64) / lengths).to(waveforms.dtype)
        self.spectrum = stft(zero_padding(waveforms - means[:, None], lengths))
        bins, frames = self.spectrum.shape[1:]
        mel = hz_to_mel(torch.linspace(0, MODEL_RATE / 2, bins, dtype=torch.float64))
        self.over_bins = _raised_cosines(mel / mel[-1] * (BANDS - 1)).to(waveforms)
        self.over_frames = _raised_cosines(torch.arange(frames) * stft.hop / STEP).to(waveforms)
        self.start = waveforms.new_zeros(len(waveforms), BANDS, self.over_frames.shape[1])

    def decode(self, coordinates: Tensor) -> Tensor:
        """The equalised waveforms: `(batch, samples)`."""
        decibels = self.reach * self.over_bins @ torch.tanh(coordinates) @ self.over_frames.T
        change = self.stft.inverse(self.spectrum * (10.0 ** (decibels / 20.0) - 1.0), self.waveforms.shape[-1])
        return self.waveforms + zero_padding(change, self.lengths)

    def settle(self, coordinates: Tensor, allowed: Tensor) -> Tensor:
        """The coordinates, smaller in proportion to what is allowed of their change."""
        ratio = energy(allowed - self.waveforms) / energy(self.decode(coordinates) - self.waveforms).clamp(min=1e-20)
        return coordinates * torch.sqrt(ratio.clamp(max=1.0))[:, None, None]


def _raised_cosines(places: Tensor) -> Tensor:
    """Weights of the points 0, 1, 2, … at places between them, which sum to 1: `(places, points)`."""
    distance = places[:, None] - torch.arange(int(places.max().ceil()) + 1)
    return 0.5 * (1.0 + torch.cos(torch.pi * distance.clamp(-1.0, 1.0)))
