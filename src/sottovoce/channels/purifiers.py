"""Purifiers with which Guo et al. (2024, section 4.4) compare their removal module."""

import torch
from torch import Tensor, nn

from sottovoce.audio.batch import energy_about_mean, full_lengths, zero_padding
from sottovoce.ranges import integer, number

INT16 = 32768.0


class AdditiveNoise(nn.Module):
    """White Gaussian noise at a given SNR ("audio turbulence").

    Args:
        snr: mean power of each row, without its mean, over that of the noise, in dB.
        generator: random generator of the noise.

    Raises:
        ValueError: the SNR is not finite, or the generator is none.

    Example:
        >>> tone = 0.1 * 2**0.5 * torch.sin(torch.arange(16_000.0))[None]
        >>> noise = AdditiveNoise(20.0, generator=torch.Generator().manual_seed(0))
        >>> change = noise(tone) - tone
        >>> round(change.square().mean().sqrt().item(), 3)
        0.01
    """

    def __init__(self, snr: float = 25.0, *, generator: torch.Generator) -> None:
        super().__init__()
        if not isinstance(generator, torch.Generator):
            raise ValueError(f"generator must be a torch.Generator; got {generator!r}")
        self.snr, self.generator = number("snr", snr), generator

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """`(batch, samples)` to the same shape, zero in the padding."""
        own = full_lengths(waveforms) if lengths is None else lengths.to(waveforms.device)
        waveforms = zero_padding(waveforms, own)
        power = energy_about_mean(waveforms, own) / own * 10.0 ** (-self.snr / 10.0)
        noise = torch.randn(waveforms.shape, generator=self.generator, device=self.generator.device).to(waveforms)
        return zero_padding(waveforms + noise * power.sqrt()[:, None], own).clamp(-1.0, 1.0)


class Quantization(nn.Module):
    """Rounding of 16-bit samples to multiples of a step; the gradient passes straight through.

    Args:
        step: quantisation step, in units of 16-bit integers.

    Raises:
        ValueError: the step is no positive integer.

    Example:
        >>> Quantization(step=8192)(torch.tensor([[0.1, 0.2, -0.7]]))
        tensor([[ 0.0000,  0.2500, -0.7500]])
    """

    def __init__(self, step: int = 256) -> None:
        super().__init__()
        self.step = integer("step", step)

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """`(batch, samples)` to the same shape."""
        rounded = torch.round(waveforms * INT16 / self.step) * self.step / INT16
        return waveforms + (rounded.clamp(-1.0, 1.0) - waveforms).detach()


class MedianSmoothing(nn.Module):
    """Running median of each row, which is extended by zeros on both sides.

    Args:
        size: window length in samples, odd.

    Raises:
        ValueError: the window length is even or no positive integer.

    Example:
        >>> MedianSmoothing(3)(torch.tensor([[0.1, 0.9, 0.2, 0.3]]))
        tensor([[0.1000, 0.2000, 0.3000, 0.2000]])
    """

    def __init__(self, size: int = 3) -> None:
        super().__init__()
        if integer("size", size) % 2 == 0:
            raise ValueError(f"size must be odd; got {size}")
        self.size = size

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """`(batch, samples)` to the same shape, zero in the padding."""
        padded = nn.functional.pad(zero_padding(waveforms, lengths), (self.size // 2, self.size // 2))
        return zero_padding(padded.unfold(-1, self.size, 1).median(-1).values, lengths)
