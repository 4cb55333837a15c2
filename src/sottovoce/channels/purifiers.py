"""Purifiers with which Guo et al. (2024, section 4.4) compare their removal module."""

import torch
from torch import Tensor, nn

from sottovoce.audio.batch import energy, full_lengths, zero_padding

INT16 = 32768.0


class AdditiveNoise(nn.Module):
    """White Gaussian noise at a given SNR ("audio turbulence").

    Args:
        snr: mean power of each row over that of the noise, in dB.
        generator: random generator of the noise.

    Example:
        >>> noise = AdditiveNoise(20.0, generator=torch.Generator().manual_seed(0))
        >>> change = noise(torch.full((1, 16_000), 0.1)) - 0.1
        >>> round(change.square().mean().sqrt().item(), 3)
        0.01
    """

    def __init__(self, snr: float = 25.0, *, generator: torch.Generator) -> None:
        super().__init__()
        self.snr, self.generator = snr, generator

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """`(batch, samples)` to the same shape, zero in the padding."""
        own = full_lengths(waveforms) if lengths is None else lengths.to(waveforms.device)
        waveforms = zero_padding(waveforms, own)
        power = energy(waveforms) / own * 10.0 ** (-self.snr / 10.0)
        noise = torch.randn(waveforms.shape, generator=self.generator, device=self.generator.device).to(waveforms)
        return zero_padding(waveforms + noise * power.sqrt()[:, None], own).clamp(-1.0, 1.0)


class Quantization(nn.Module):
    """Rounding of 16-bit samples to multiples of a step; the gradient passes straight through.

    Args:
        step: quantisation step, in units of 16-bit integers.

    Example:
        >>> Quantization(step=8192)(torch.tensor([[0.1, 0.2, -0.7]]))
        tensor([[ 0.0000,  0.2500, -0.7500]])
    """

    def __init__(self, step: int = 256) -> None:
        super().__init__()
        self.step = step

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """`(batch, samples)` to the same shape."""
        rounded = torch.round(waveforms * INT16 / self.step) * self.step / INT16
        return waveforms + (rounded.clamp(-1.0, 1.0) - waveforms).detach()


class MedianSmoothing(nn.Module):
    """Running median of each row, which is extended by zeros on both sides.

    Args:
        size: window length in samples, odd.

    Example:
        >>> MedianSmoothing(3)(torch.tensor([[0.1, 0.9, 0.2, 0.3]]))
        tensor([[0.1000, 0.2000, 0.3000, 0.2000]])
    """

    def __init__(self, size: int = 3) -> None:
        super().__init__()
        self.size = size

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """`(batch, samples)` to the same shape, zero in the padding."""
        padded = nn.functional.pad(zero_padding(waveforms, lengths), (self.size // 2, self.size // 2))
        return zero_padding(padded.unfold(-1, self.size, 1).median(-1).values, lengths)
