"""Band-pass filtering with vertical edges."""

import torch
from torch import Tensor, nn

from sottovoce.audio.batch import by_length, zero_padding
from sottovoce.audio.resampling import MODEL_RATE

LOUDSPEAKER = 150.0, 7500.0
"""Hz that a small loudspeaker gives and a microphone at 16 kHz takes."""


class BandPass(nn.Module):
    """Keeps the frequencies from `low` to `high` of each row as a whole, by its Fourier transform.

    What loudspeakers and microphones leave of a perturbation (Yakura and Sakuma, 2019, section 3.2).

    Args:
        low, high: in Hz, both kept.
    """

    def __init__(self, low: float = 1000.0, high: float = 4000.0) -> None:
        super().__init__()
        self.low, self.high = low, high

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """`(batch, samples)` to the same shape, zero in the padding."""
        return zero_padding(by_length(self._filtered, waveforms, lengths), lengths)

    def _filtered(self, waveforms: Tensor) -> Tensor:
        samples = waveforms.shape[-1]
        frequencies = torch.fft.rfftfreq(samples, 1 / MODEL_RATE, device=waveforms.device)
        kept = (frequencies >= self.low) & (frequencies <= self.high)
        filtered: Tensor = torch.fft.irfft(torch.fft.rfft(waveforms) * kept, samples)
        return filtered
