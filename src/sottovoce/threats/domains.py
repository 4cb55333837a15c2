"""In which coordinates an attack searches: the samples, or the log1p spectrum with the phase kept."""

from typing import Protocol

import torch
from torch import Tensor

from sottovoce.audio.spectral import STFT, magnitude, with_phase_of


class Chart(Protocol):
    """Coordinates around one batch: `start` stands for the batch itself."""

    start: Tensor

    def decode(self, coordinates: Tensor) -> Tensor:
        """Waveforms `(batch, samples)` at the coordinates; differentiable."""
        ...

    def settle(self, coordinates: Tensor, allowed: Tensor) -> Tensor:
        """Where to go on from, given that `allowed (batch, samples)` are the nearest permitted waveforms."""
        ...


class Domain(Protocol):
    """Makes a chart around a batch."""

    def chart(self, waveforms: Tensor) -> Chart: ...


class WaveformDomain:
    """The samples themselves: what a person can publish."""

    def chart(self, waveforms: Tensor) -> Chart:
        return _WaveformChart(waveforms)


class _WaveformChart:
    def __init__(self, waveforms: Tensor) -> None:
        self.start = waveforms

    def decode(self, coordinates: Tensor) -> Tensor:
        return coordinates

    def settle(self, coordinates: Tensor, allowed: Tensor) -> Tensor:
        return allowed


class Log1pDomain:
    """log(1 + |X|) of the spectrum that MetricGAN+ sees, with the phase of the original.

    The perturbation of the example that paper A's authors released lies in this domain. What the victim sees here is
    always the resynthesised waveform, so that the result is one that can be written to a file.
    """

    def __init__(self) -> None:
        self.stft = STFT(size=512, hop=256, window="hamming")

    def chart(self, waveforms: Tensor) -> Chart:
        return _Log1pChart(self.stft.to(waveforms.device), waveforms)


class _Log1pChart:
    def __init__(self, stft: STFT, waveforms: Tensor) -> None:
        self.stft, self.samples = stft, waveforms.shape[-1]
        self.spectrum = stft(waveforms)
        self.start = torch.log1p(magnitude(self.spectrum))

    def decode(self, coordinates: Tensor) -> Tensor:
        magnitudes = torch.expm1(coordinates.clamp(min=0.0))
        return self.stft.inverse(with_phase_of(magnitudes, self.spectrum), self.samples)

    def settle(self, coordinates: Tensor, allowed: Tensor) -> Tensor:
        return coordinates
