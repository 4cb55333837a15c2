"""Kaldi's log mel bands in plain torch, which many published speaker encoders and recognisers were trained on."""

import torch
from torch import Tensor

SIZE, HOP, FFT_SIZE = 400, 160, 512
"""Samples of a frame, between frames, and of the Fourier transform: 25 ms and 10 ms at 16 kHz."""
LOWEST, HIGHEST = 20.0, 8000.0
PREEMPHASIS = 0.97
FLOOR = float(torch.finfo(torch.float32).eps)
"""Smallest power in a band that the logarithm sees."""


class KaldiFbank(torch.nn.Module):
    """Logarithm of the power in mel bands as Kaldi's `compute-fbank-feats` gives it without dither.

    Frames start at multiples of 10 ms and lie within the signal (`snip_edges`). Each loses its mean, is pre-emphasised
    and gets the "povey" window, a Hann window to the power of 0.85. The triangles are straight lines over mel, not over
    hertz, from 20 Hz to 8 kHz.

    Kaldi itself reads 16-bit integers as numbers up to 32768, which adds 20.8 to every band; here they are up to 1, as
    torchaudio's `kaldi.fbank` sees them.

    Example:
        >>> KaldiFbank()(torch.zeros(2, 16_000)).shape
        torch.Size([2, 80, 98])

    Args:
        bands: number of bands.

    Shape:
        `(batch, samples)` → `(batch, bands, 1 + (samples - 400) // 160)`.
    """

    def __init__(self, bands: int = 80) -> None:
        super().__init__()
        self.window: Tensor
        self.filters: Tensor
        window = torch.hann_window(SIZE, periodic=False, dtype=torch.float64) ** 0.85
        self.register_buffer("window", window.float(), persistent=False)
        self.register_buffer("filters", kaldi_filterbank(bands), persistent=False)

    def forward(self, waveforms: Tensor) -> Tensor:
        frames = waveforms.unfold(-1, SIZE, HOP)
        frames = frames - frames.mean(-1, keepdim=True)
        before = torch.cat([frames[..., :1], frames[..., :-1]], -1)
        spectrum = torch.fft.rfft((frames - PREEMPHASIS * before) * self.window, FFT_SIZE)
        power = spectrum.real.square() + spectrum.imag.square()
        return torch.matmul(self.filters, power.transpose(-1, -2)).clamp(min=FLOOR).log()


def kaldi_filterbank(bands: int) -> Tensor:
    """Triangles of height 1, evenly spaced and straight over mel = 1127·ln(1 + f/700): float32 `(bands, 257)`."""
    edges = torch.linspace(_mel(LOWEST), _mel(HIGHEST), bands + 2, dtype=torch.float64)[:, None]
    bins = 1127.0 * torch.log1p(torch.linspace(0.0, HIGHEST, FFT_SIZE // 2 + 1, dtype=torch.float64) / 700.0)
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return torch.minimum(rising, falling).clamp(min=0.0).float()


def _mel(frequency: float) -> float:
    return float(1127.0 * torch.log1p(torch.tensor(frequency, dtype=torch.float64) / 700.0))
