"""MFCC, the input of keyword classifiers."""

import math

import torch
from torch import Tensor, nn

from sottovoce.audio.spectral import MFCC, LogMel, MelPower, dct_matrix, mel_filterbank

SIZE = 32
"""Number of frames, of mel bands and of coefficients."""
HOP, FFT_SIZE, RATE = 500, 2048, 16_000
PRE_EMPHASIS, LIFTER = 0.97, 22
FLOOR = 1e-10
BANDS, LOWEST, HIGHEST = 40, 20.0, 4_000.0
"""Number and range (Hz) of the mel bands of `usual_mfcc`."""
QUIETEST = 1e-6
"""Power added to each of them: above that of 16-bit rounding, so that digital silence is no extreme value."""


def usual_mfcc(*, size: int, hop: int, coefficients: int) -> MFCC:
    """The MFCC of small keyword networks: from 40 mel bands between 20 and 4,000 Hz, with Hann windows.

    Frames are centred on every `hop`-th sample; the published ones are not, so a clip has two fewer of them.

    Args:
        size, hop: length of a frame and step between frames in samples.
        coefficients: their number, starting with the 0th.

    Example:
        >>> usual_mfcc(size=640, hop=320, coefficients=10)(torch.zeros(1, 16_000)).shape
        torch.Size([1, 10, 51])
    """
    power = MelPower(bands=BANDS, size=size, hop=hop, rate=RATE, low=LOWEST, high=HIGHEST)
    return MFCC(LogMel(power, floor=QUIETEST), coefficients=coefficients)


class SquareMFCC(nn.Module):
    """32 frames of 32 mel-frequency cepstral coefficients from a clip of one second.

    The features of Wang et al. (2020), in the authors' code, have frames of 512 samples at 16,384 Hz; 500 samples at
    16 kHz have the same duration. Frames are rectangular and do not overlap; pre-emphasis 0.97; 2,048-point power
    spectra; 32 mel bands up to half the sampling rate; natural logarithm; orthonormal DCT-II; sine lifter 22; the 0th
    coefficient is the logarithm of the frame's energy.

    Shape:
        `(batch, 16000)` → `(batch, 32 frames, 32 coefficients)`.

    Example:
        >>> SquareMFCC()(torch.zeros(2, 16_000)).shape
        torch.Size([2, 32, 32])
    """

    def __init__(self) -> None:
        super().__init__()
        self.filters: Tensor
        self.dct: Tensor
        self.lifter: Tensor
        filters = mel_filterbank(bands=SIZE, fft_size=FFT_SIZE, rate=RATE)
        self.register_buffer("filters", filters, persistent=False)
        self.register_buffer("dct", dct_matrix(SIZE, SIZE), persistent=False)
        lifter = 1 + LIFTER / 2 * torch.sin(math.pi * torch.arange(SIZE) / LIFTER)
        self.register_buffer("lifter", lifter, persistent=False)

    def forward(self, clips: Tensor) -> Tensor:
        emphasised = torch.cat([clips[:, :1], clips[:, 1:] - PRE_EMPHASIS * clips[:, :-1]], dim=-1)
        spectrum = torch.fft.rfft(emphasised.unfold(-1, HOP, HOP), FFT_SIZE)
        power = (spectrum.real.square() + spectrum.imag.square()) / FFT_SIZE
        bands = torch.log(torch.matmul(power, self.filters.T) + FLOOR)
        coefficients = torch.matmul(bands, self.dct.T) * self.lifter
        energy = torch.log(power.sum(-1, keepdim=True) + FLOOR)
        return torch.cat([energy, coefficients[..., 1:]], dim=-1)
