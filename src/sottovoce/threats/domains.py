"""The coordinates of an attack's search: samples, log1p magnitudes, or a spectrum shaped as the recording allows."""

from typing import Protocol

import torch
from torch import Tensor

from sottovoce.audio.batch import energy, length_mask, zero_padding
from sottovoce.audio.spectral import STFT, magnitude, with_phase_of
from sottovoce.threats.masking import Masking
from sottovoce.threats.settings import Settings


class Chart(Protocol):
    """Coordinates for one batch; those of the unperturbed batch are `start`."""

    start: Tensor

    def decode(self, coordinates: Tensor) -> Tensor:
        """The waveforms `(batch, samples)` that coordinates stand for, differentiable."""
        ...

    def settle(self, coordinates: Tensor, allowed: Tensor) -> Tensor:
        """The coordinates to continue from, given the nearest allowed waveforms `allowed (batch, samples)`."""
        ...


class Domain(Protocol):
    """Makes the chart of a batch."""

    def chart(self, waveforms: Tensor, lengths: Tensor) -> Chart:
        """The coordinates for `waveforms (batch, samples)`, zero-padded, with `lengths (batch,)` in samples."""
        ...


class WaveformDomain(Settings):
    """The samples themselves.

    Example:
        >>> waveforms = torch.tensor([[0.1, 0.2]])
        >>> torch.equal(WaveformDomain().chart(waveforms, torch.tensor([2])).start, waveforms)
        True
    """

    def chart(self, waveforms: Tensor, lengths: Tensor) -> Chart:
        return _WaveformChart(waveforms)


class _WaveformChart:
    def __init__(self, waveforms: Tensor) -> None:
        self.start = waveforms

    def decode(self, coordinates: Tensor) -> Tensor:
        return coordinates

    def settle(self, coordinates: Tensor, allowed: Tensor) -> Tensor:
        return allowed


class Log1pDomain(Settings):
    """log(1 + |X|) of the spectrum that MetricGAN+ takes, with the phase of the original.

    The perturbation of the example that Dong et al. (2022) released is in this domain. Here, listeners always hear the
    resynthesised waveform, so that the result can be written to a file.

    Example:
        >>> waveforms = 0.1 * torch.sin(torch.arange(1000.0))[None]
        >>> chart = Log1pDomain().chart(waveforms, torch.tensor([1000]))
        >>> chart.start.shape, torch.allclose(chart.decode(chart.start), waveforms, atol=1e-5)
        (torch.Size([1, 257, 5]), True)
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


class ShapedDomain(Settings):
    """Complex spectra of the perturbation, in units proportional to a power of the recording's own magnitudes.

    Ours. A step of equal size in every coordinate changes each time-frequency bin in proportion to |X|^exponent, so
    that the perturbation hides under the speech instead of filling pauses and high frequencies, where it would mislead
    a friendly recogniser. With all coordinates at 1, the perturbation is about as loud as the recording.

    Args:
        exponent: 0 for a white perturbation, 1 for one with the recording's spectrum.

    Example:
        >>> waveforms = 0.1 * torch.sin(torch.arange(1000.0))[None]
        >>> chart = ShapedDomain().chart(waveforms, torch.tensor([1000]))
        >>> chart.start.shape, torch.equal(chart.decode(chart.start), waveforms)
        (torch.Size([1, 257, 10, 2]), True)
    """

    def __init__(self, exponent: float = 0.5) -> None:
        self.exponent = exponent
        self.stft = STFT(size=512, hop=128, window="hann")

    def chart(self, waveforms: Tensor, lengths: Tensor) -> Chart:
        stft = self.stft.to(waveforms.device)
        return _ShapedChart(stft, waveforms, lengths, magnitude(stft(waveforms), 1e-6) ** self.exponent)


class MaskedDomain(Settings):
    """Complex spectra of the perturbation, in units proportional to the recording's masking threshold.

    Ours. A step of equal size in every coordinate is equally far below or above what an ear notices. With all
    coordinates at 1, the perturbation is about as loud as the recording.

    Example:
        >>> waveforms = 0.1 * torch.sin(torch.arange(1000.0))[None]
        >>> chart = MaskedDomain().chart(waveforms, torch.tensor([1000]))
        >>> chart.start.shape, torch.equal(chart.decode(chart.start), waveforms)
        (torch.Size([1, 257, 10, 2]), True)
    """

    def __init__(self) -> None:
        self.masking = Masking(512)

    def chart(self, waveforms: Tensor, lengths: Tensor) -> Chart:
        thresholds = self.masking.thresholds(waveforms, lengths)
        return _ShapedChart(self.masking.stft.to(waveforms.device), waveforms, lengths, thresholds.magnitudes())


class _ShapedChart:
    def __init__(self, stft: STFT, waveforms: Tensor, lengths: Tensor, shape: Tensor) -> None:
        self.stft, self.waveforms, self.lengths = stft, waveforms, lengths
        own = length_mask(stft.frames(lengths), shape.shape[-1])[:, None]
        magnitudes, shape = magnitude(stft(waveforms), 1e-6) * own, shape * own
        loudness = torch.sqrt(magnitudes.square().sum((1, 2)) / shape.square().sum((1, 2)))
        self.scale = shape * loudness[:, None, None]
        self.start = torch.zeros(*magnitudes.shape, 2, device=waveforms.device)

    def decode(self, coordinates: Tensor) -> Tensor:
        spectrum = self.scale * torch.view_as_complex(coordinates)
        return self.waveforms + zero_padding(self.stft.inverse(spectrum, self.waveforms.shape[-1]), self.lengths)

    def settle(self, coordinates: Tensor, allowed: Tensor) -> Tensor:
        ratio = energy(allowed - self.waveforms) / energy(self.decode(coordinates) - self.waveforms).clamp(min=1e-20)
        return coordinates * torch.sqrt(ratio.clamp(max=1.0))[:, None, None, None]
