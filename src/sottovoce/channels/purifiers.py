"""Purifiers that paper 004 compares its removal module with, as published (section 4.4)."""

import torch
from torch import Tensor, nn

from sottovoce.audio.batch import energy, full_lengths, zero_padding

INT16 = 32768.0


class AdditiveNoise(nn.Module):
    """White Gaussian noise at an SNR of each row's mean power ("audio turbulence").

    Args:
        snr: dB.
        generator: source of the noise.
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
        step: on the scale of 16-bit integers.
    """

    def __init__(self, step: int = 256) -> None:
        super().__init__()
        self.step = step

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """`(batch, samples)` to the same shape."""
        rounded = torch.round(waveforms * INT16 / self.step) * self.step / INT16
        return waveforms + (rounded.clamp(-1.0, 1.0) - waveforms).detach()


class MedianSmoothing(nn.Module):
    """Running median, with zeros outside the recording.

    Args:
        size: samples, odd.
    """

    def __init__(self, size: int = 3) -> None:
        super().__init__()
        self.size = size

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """`(batch, samples)` to the same shape, zero in the padding."""
        padded = nn.functional.pad(zero_padding(waveforms, lengths), (self.size // 2, self.size // 2))
        return zero_padding(padded.unfold(-1, self.size, 1).median(-1).values, lengths)
