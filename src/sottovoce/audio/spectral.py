"""Differentiable spectral features in plain torch: STFT, mel filterbank, MFCC."""

import math

import torch
from torch import Tensor
from torch.nn import functional


class STFT(torch.nn.Module):
    """Short-time Fourier transform with exact inverse, for batches of unequal length.

    Frame k is centred on sample k·hop; outside, the signal is zero. Every frame that overlaps the signal is computed,
    so a waveform has the same frames alone as in a longer, padded batch.

    Example:
        >>> stft = STFT(size=512, hop=256)
        >>> waveforms = torch.linspace(-1, 1, 1000)[None]
        >>> spectrum = stft(waveforms)
        >>> spectrum.shape, spectrum.dtype
        (torch.Size([1, 257, 5]), torch.complex64)
        >>> torch.allclose(stft.inverse(spectrum, 1000), waveforms, atol=1e-6)
        True

    Args:
        size: FFT and window length in samples.
        hop: step between frames in samples, at most half of `size`.
        window: "hann" or "hamming" (periodic).

    Shape:
        forward: `(batch, samples)` real → `(batch, size // 2 + 1, frames)` complex,
            `frames = ceil((samples + size // 2) / hop)`.
        inverse: back to `(batch, samples)`.
    """

    def __init__(self, *, size: int = 512, hop: int = 256, window: str = "hamming") -> None:
        super().__init__()
        self.size, self.hop = size, hop
        make = {"hann": torch.hann_window, "hamming": torch.hamming_window}[window]
        self.window: Tensor
        self.register_buffer("window", make(size, periodic=True), persistent=False)

    def frames(self, lengths: Tensor) -> Tensor:
        """Number of frames of waveforms of the given lengths: int64 `(batch,)`."""
        return torch.div(lengths + self.size // 2 + self.hop - 1, self.hop, rounding_mode="floor")

    def forward(self, waveforms: Tensor) -> Tensor:
        samples = waveforms.shape[-1]
        last = (samples + self.size // 2 - 1) // self.hop
        padded = functional.pad(waveforms, (0, last * self.hop - samples))
        return torch.stft(
            padded, self.size, self.hop, window=self.window, center=True, pad_mode="constant", return_complex=True
        )

    def inverse(self, spectrum: Tensor, samples: int) -> Tensor:
        """Weighted overlap-add, cut to `samples`: `(batch, samples)`."""
        whole = (spectrum.shape[-1] - 1) * self.hop
        return torch.istft(spectrum, self.size, self.hop, window=self.window, center=True, length=whole)[..., :samples]


def magnitude(spectrum: Tensor, floor: float = 1e-14) -> Tensor:
    """Absolute value of a complex spectrum with a finite gradient at 0: sqrt(|X|² + floor).

    Example:
        >>> magnitude(torch.tensor([3 + 4j])).tolist()
        [5.0]
    """
    return torch.sqrt(spectrum.real.square() + spectrum.imag.square() + floor)


def with_phase_of(magnitudes: Tensor, spectrum: Tensor) -> Tensor:
    """Combine magnitudes with the phase of a complex spectrum, both `(…, bins, frames)`.

    Example:
        >>> with_phase_of(torch.tensor([10.0]), torch.tensor([3 + 4j])).tolist()
        [(6+8j)]
    """
    return spectrum * (magnitudes / magnitude(spectrum))


def hz_to_mel(frequency: float | Tensor) -> Tensor:
    """Convert hertz to mel on the HTK scale: 2595·log10(1 + f/700)."""
    return 2595.0 * torch.log10(1.0 + torch.as_tensor(frequency, dtype=torch.float64) / 700.0)


def mel_to_hz(mel: Tensor) -> Tensor:
    """Convert mel to hertz, the inverse of `hz_to_mel`."""
    return 700.0 * (10.0 ** (mel / 2595.0) - 1.0)


def mel_filterbank(*, bands: int, fft_size: int, rate: float, low: float = 0.0, high: float | None = None) -> Tensor:
    """Triangular filters of height 1, evenly spaced on the HTK mel scale.

    Example:
        >>> mel_filterbank(bands=80, fft_size=512, rate=16_000).shape
        torch.Size([80, 257])

    Args:
        bands: number of filters.
        fft_size: FFT length in samples.
        rate: sample rate in Hz.
        low: lower edge of the first filter in Hz.
        high: upper edge of the last filter in Hz (default: half the rate).

    Returns:
        float32 `(bands, fft_size // 2 + 1)`.
    """
    top = rate / 2 if high is None else high
    edges = mel_to_hz(torch.linspace(float(hz_to_mel(low)), float(hz_to_mel(top)), bands + 2, dtype=torch.float64))
    bins = torch.linspace(0, rate / 2, fft_size // 2 + 1, dtype=torch.float64)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    return torch.minimum(rising, falling).clamp(min=0).float()


def dct_matrix(coefficients: int, bands: int) -> Tensor:
    """Orthonormal DCT-II as a matrix: float32 `(coefficients, bands)`."""
    k = torch.arange(coefficients, dtype=torch.float64)[:, None]
    n = torch.arange(bands, dtype=torch.float64)[None, :]
    matrix = torch.cos(math.pi / bands * (n + 0.5) * k) * math.sqrt(2.0 / bands)
    matrix[0] /= math.sqrt(2.0)
    return matrix.float()


class MelPower(torch.nn.Module):
    """Power in mel bands.

    Example:
        >>> MelPower(bands=40)(torch.zeros(1, 16_000)).shape
        torch.Size([1, 40, 102])

    Args:
        bands, rate, low, high: as in `mel_filterbank`.
        size, hop: STFT window (Hann) and step in samples.

    Shape:
        `(batch, samples)` → `(batch, bands, frames)`.
    """

    def __init__(
        self,
        *,
        bands: int = 80,
        size: int = 400,
        hop: int = 160,
        rate: float = 16000,
        low: float = 0.0,
        high: float | None = None,
    ) -> None:
        super().__init__()
        self.stft = STFT(size=size, hop=hop, window="hann")
        self.filters: Tensor
        filters = mel_filterbank(bands=bands, fft_size=size, rate=rate, low=low, high=high)
        self.register_buffer("filters", filters, persistent=False)

    def forward(self, waveforms: Tensor) -> Tensor:
        spectrum = self.stft(waveforms)
        return torch.matmul(self.filters, spectrum.real.square() + spectrum.imag.square())


class LogMel(torch.nn.Module):
    """Natural logarithm of the power in mel bands.

    Example:
        >>> LogMel(MelPower(), floor=1.0)(torch.zeros(1, 16_000)).abs().max().item()
        0.0

    Args:
        power: computes the power.
        floor: added to the power before the logarithm.

    Shape:
        `(batch, samples)` → `(batch, bands, frames)`.
    """

    def __init__(self, power: MelPower, *, floor: float = 1e-10) -> None:
        super().__init__()
        self.power, self.floor = power, floor

    def forward(self, waveforms: Tensor) -> Tensor:
        return torch.log(self.power(waveforms) + self.floor)


class MFCC(torch.nn.Module):
    """Mel-frequency cepstral coefficients: orthonormal DCT-II of the log power in mel bands.

    Example:
        >>> MFCC(LogMel(MelPower(bands=40)), coefficients=13)(torch.zeros(1, 16_000)).shape
        torch.Size([1, 13, 102])

    Args:
        log_mel: computes the log power.
        coefficients: number of coefficients, starting with the 0th.

    Shape:
        `(batch, samples)` → `(batch, coefficients, frames)`.
    """

    def __init__(self, log_mel: LogMel, *, coefficients: int = 13) -> None:
        super().__init__()
        self.log_mel = log_mel
        self.dct: Tensor
        self.register_buffer("dct", dct_matrix(coefficients, len(log_mel.power.filters)), persistent=False)

    def forward(self, waveforms: Tensor) -> Tensor:
        return torch.matmul(self.dct, self.log_mel(waveforms))
