"""The log-mel spectrogram that Whisper hears, differentiable."""

import math

import torch
from torch import Tensor, nn

from sottovoce.audio.resampling import MODEL_RATE

SIZE, HOP = 400, 160
"""Samples of a window, and between windows: 100 frames per second."""
FLOOR = 1e-10
"""Least power of a band."""
RANGE = 8.0
"""Decades below the loudest band at which everything is cut off."""
KNEE = 1000.0
"""Hz up to which Slaney's scale is linear, with 200/3 Hz per mel; above it, 27 mel are a factor of 6.4."""


class WhisperLogMel(nn.Module):
    """Log-mel spectrogram of Radford et al. (2023): 100 frames per second, scaled by the loudest band of each row.

    It is computed in single precision, whatever the network is computed in.

    Args:
        bands: 80, or 128 for the third large Whisper.

    Shape:
        `(batch, samples)` float32, whole windows of a multiple of the hop → `(batch, bands, samples / hop)`.

    Example:
        >>> WhisperLogMel()(torch.zeros(1, 16_000)).shape
        torch.Size([1, 80, 100])
    """

    def __init__(self, bands: int = 80) -> None:
        super().__init__()
        self.filters: Tensor
        self.window: Tensor
        self.register_buffer("filters", slaney_filters(bands), persistent=False)
        self.register_buffer("window", torch.hann_window(SIZE), persistent=False)

    def forward(self, waveforms: Tensor) -> Tensor:
        with torch.autocast(waveforms.device.type, enabled=False):
            spectrum = torch.stft(waveforms, SIZE, HOP, window=self.window, return_complex=True)[..., :-1]
            power = torch.matmul(self.filters, spectrum.real.square() + spectrum.imag.square())
            decades = power.clamp(min=FLOOR).log10()
            decades = torch.maximum(decades, decades.amax((1, 2), keepdim=True) - RANGE)
            return (decades + 4.0) / 4.0


def slaney_filters(bands: int) -> Tensor:
    """Triangular filters of unit area, evenly spaced from 0 to 8 kHz on the mel scale of Slaney's Auditory Toolbox.

    Returns:
        float32 `(bands, 201)`.
    """
    top = _slaney_mel(MODEL_RATE / 2)
    edges = _slaney_hertz(torch.linspace(0.0, top, bands + 2, dtype=torch.float64))
    bins = torch.linspace(0.0, MODEL_RATE / 2, SIZE // 2 + 1, dtype=torch.float64)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    areas = (edges[2:] - edges[:-2])[:, None] / 2.0
    return (torch.minimum(rising, falling).clamp(min=0.0) / areas).float()


def _slaney_mel(hertz: float) -> float:
    """Of a frequency above the knee."""
    return 15.0 + 27.0 * math.log(hertz / KNEE) / math.log(6.4)


def _slaney_hertz(mel: Tensor) -> Tensor:
    return torch.where(mel < 15.0, mel * 200.0 / 3.0, KNEE * 6.4 ** ((mel - 15.0) / 27.0))
