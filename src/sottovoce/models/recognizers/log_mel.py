"""The log-mel spectrogram that Whisper hears, differentiable."""

from typing import Any

import torch
from torch import Tensor, nn

FLOOR = 1e-10
"""Least power of a band."""
RANGE = 8.0
"""Decades below the loudest band at which everything is cut off."""


class WhisperLogMel(nn.Module):
    """Log-mel spectrogram of Radford et al. (2023): 100 frames per second, scaled by the loudest band of each row.

    Args:
        extractor: `WhisperFeatureExtractor` of transformers; gives the mel filters and the sizes.

    Shape:
        `(batch, samples)` float32, whole windows of a multiple of the hop → `(batch, bands, samples / hop)`.
    """

    def __init__(self, extractor: Any) -> None:
        super().__init__()
        self.size, self.hop = int(extractor.n_fft), int(extractor.hop_length)
        self.filters: Tensor
        self.window: Tensor
        filters = torch.as_tensor(extractor.mel_filters, dtype=torch.float32).T.contiguous()
        self.register_buffer("filters", filters, persistent=False)
        self.register_buffer("window", torch.hann_window(self.size), persistent=False)

    def forward(self, waveforms: Tensor) -> Tensor:
        spectrum = torch.stft(waveforms, self.size, self.hop, window=self.window, return_complex=True)[..., :-1]
        power = torch.matmul(self.filters, spectrum.real.square() + spectrum.imag.square())
        decades = power.clamp(min=FLOOR).log10()
        decades = torch.maximum(decades, decades.amax((1, 2), keepdim=True) - RANGE)
        return (decades + 4.0) / 4.0
