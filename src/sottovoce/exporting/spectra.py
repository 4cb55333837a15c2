"""The short-time Fourier transform and its inverse as convolutions with real numbers, which every graph format has."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from sottovoce.audio.spectral import STFT


class RealSTFT(nn.Module):
    """The same as an `STFT` whose frames overlap by half, in real and imaginary parts.

    A frame's transform is a product with the cosines and sines of the discrete Fourier transform, times the window. In
    the inverse, two windows overlap at every sample, so that the sum of their squares, by which it is divided, is part
    of the weights.

    Args:
        stft: whose size, hop and window are taken.

    Shape:
        forward: `(batch, samples)` → two `(batch, size // 2 + 1, frames)`.
        inverse: back to `(batch, samples)`.

    Example:
        >>> stft, waveforms = STFT(size=512, hop=256), torch.linspace(-1, 1, 1000)[None]
        >>> real, imaginary = RealSTFT(stft)(waveforms)
        >>> torch.allclose(torch.complex(real, imaginary), stft(waveforms), atol=1e-4)
        True
    """

    def __init__(self, stft: STFT) -> None:
        super().__init__()
        if stft.size != 2 * stft.hop:
            raise ValueError(f"frames of {stft.size} samples every {stft.hop} do not overlap by half")
        self.size, self.hop = stft.size, stft.hop
        bins = torch.arange(self.size // 2 + 1, dtype=torch.float64)[:, None]
        angles = 2.0 * math.pi / self.size * bins * torch.arange(self.size)
        window = stft.window.double()
        weights = torch.cat([torch.cos(angles), -torch.sin(angles)])
        mirrored = torch.where((bins == 0) | (bins == self.size // 2), 1.0, 2.0).repeat(2, 1)
        overlapping = window.square().view(2, -1).sum(0).repeat(2)
        self.analysis: Tensor
        self.synthesis: Tensor
        self.register_buffer("analysis", (weights * window)[:, None].float())
        self.register_buffer("synthesis", (weights * mirrored * window / overlapping / self.size)[:, None].float())

    def forward(self, waveforms: Tensor) -> tuple[Tensor, Tensor]:
        samples = waveforms.shape[-1]
        whole = functional.pad(waveforms, (self.hop, -samples % self.hop + self.hop))
        real, imaginary = functional.conv1d(whole[:, None], self.analysis, stride=self.hop).chunk(2, 1)
        return real, imaginary

    def inverse(self, real: Tensor, imaginary: Tensor, samples: int) -> Tensor:
        """Weighted overlap-add, cut to `samples`."""
        spectrum = torch.cat([real, imaginary], 1)
        whole = functional.conv_transpose1d(spectrum, self.synthesis, stride=self.hop)[:, 0]
        return whole[:, self.hop : self.hop + samples]
