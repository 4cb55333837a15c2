"""Band-pass filtering with vertical edges."""

import torch
from torch import Tensor, nn

from sottovoce.audio.batch import map_rows
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.ranges import number

LOUDSPEAKER = 150.0, 7500.0
"""Band (Hz) that a small loudspeaker plays and a microphone at 16 kHz records."""


class BandPass(nn.Module):
    """Ideal band-pass filter, applied to the Fourier transform of each whole row.

    Models what loudspeakers and microphones leave of a perturbation (Yakura and Sakuma, 2019, section 3.2).

    Args:
        low: lowest frequency kept, in Hz.
        high: highest frequency kept, in Hz.

    Raises:
        ValueError: the frequencies are not two finite numbers from 0 up, the lower one first.

    Example:
        >>> time = torch.arange(1600) / 16_000
        >>> tones = torch.stack([torch.sin(2 * torch.pi * pitch * time) for pitch in (500.0, 2000.0)])
        >>> BandPass(1000.0, 4000.0)(tones).square().mean(-1).round(decimals=2).tolist()
        [0.0, 0.5]
    """

    def __init__(self, low: float = 1000.0, high: float = 4000.0) -> None:
        super().__init__()
        self.low = number("low", low, least=0)
        self.high = number("high", high, above=low)

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """`(batch, samples)` to the same shape, zero in the padding."""
        return map_rows(self._filtered, waveforms, lengths)

    def _filtered(self, waveforms: Tensor) -> Tensor:
        samples = waveforms.shape[-1]
        frequencies = torch.fft.rfftfreq(samples, 1 / MODEL_RATE, device=waveforms.device)
        kept = (frequencies >= self.low) & (frequencies <= self.high)
        filtered: Tensor = torch.fft.irfft(torch.fft.rfft(waveforms) * kept, samples)
        return filtered
