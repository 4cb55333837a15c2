"""In which coordinates an attack searches: samples, log1p magnitudes, or a spectrum shaped like the recording's."""

from typing import Protocol

import torch
from torch import Tensor

from sottovoce.audio.batch import energy, length_mask, zero_padding
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

    def chart(self, waveforms: Tensor, lengths: Tensor) -> Chart:
        """Coordinates around `waveforms (batch, samples)`, zero-padded from `lengths (batch,)` on."""
        ...


class WaveformDomain:
    """The samples themselves: what a person can publish."""

    def chart(self, waveforms: Tensor, lengths: Tensor) -> Chart:
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

    def chart(self, waveforms: Tensor, lengths: Tensor) -> Chart:
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


class ShapedDomain:
    """Complex spectra of the perturbation, in units that follow the recording's own spectrum.

    Ours. A step of equal size in every coordinate moves each time-frequency bin in proportion to |X|^exponent, so that
    the perturbation hides under the speech instead of filling its pauses and high frequencies, where a friendly
    recogniser would stumble over it. A coordinate of 1 everywhere is about as loud as the recording itself.

    Args:
        exponent: 0 is white, 1 follows the magnitude.
    """

    def __init__(self, exponent: float = 0.5) -> None:
        self.exponent = exponent
        self.stft = STFT(size=512, hop=128, window="hann")

    def chart(self, waveforms: Tensor, lengths: Tensor) -> Chart:
        return _ShapedChart(self.stft.to(waveforms.device), waveforms, lengths, self.exponent)


class _ShapedChart:
    def __init__(self, stft: STFT, waveforms: Tensor, lengths: Tensor, exponent: float) -> None:
        self.stft, self.waveforms, self.lengths = stft, waveforms, lengths
        spectrum = stft(waveforms)
        own = length_mask(stft.frames(lengths), spectrum.shape[-1])[:, None]
        magnitudes = magnitude(spectrum, 1e-6) * own
        shape = magnitudes**exponent * own
        loudness = torch.sqrt(magnitudes.square().sum((1, 2)) / shape.square().sum((1, 2)))
        self.scale = shape * loudness[:, None, None]
        self.start = torch.zeros(*magnitudes.shape, 2, device=waveforms.device)

    def decode(self, coordinates: Tensor) -> Tensor:
        spectrum = self.scale * torch.view_as_complex(coordinates)
        return self.waveforms + zero_padding(self.stft.inverse(spectrum, self.waveforms.shape[-1]), self.lengths)

    def settle(self, coordinates: Tensor, allowed: Tensor) -> Tensor:
        ratio = energy(allowed - self.waveforms) / energy(self.decode(coordinates) - self.waveforms).clamp(min=1e-20)
        return coordinates * torch.sqrt(ratio.clamp(max=1.0))[:, None, None, None]
