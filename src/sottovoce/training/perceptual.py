"""PESQ's disturbances as a differentiable loss (ITU-T P.862, without time alignment and gain compensation)."""

import torch
from torch import Tensor, nn

from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.audio.spectral import STFT

BANDS = 49
POWER = 1e7
SPECTRAL_SCALE = 6.910853e-06
LOUDNESS_SCALE = 0.1866055
ZWICKER = 0.23
FRAMES_PER_SYLLABLE = 20


def _bark(frequency: Tensor) -> Tensor:
    """Hertz to Bark (Traunmüller, 1990)."""
    return 26.81 * frequency / (1960.0 + frequency) - 0.53


def _threshold_in_quiet(frequency: Tensor) -> Tensor:
    """Hearing threshold as a power on PESQ's scale (Terhardt, 1979)."""
    khz = frequency / 1000.0
    decibels = 3.64 * khz**-0.8 - 6.5 * torch.exp(-0.6 * (khz - 3.3).square()) + 1e-3 * khz**4
    return 10.0 ** (decibels / 10.0)


class PESQLoss(nn.Module):
    """The points that the disturbances subtract from the 4.5 of raw PESQ.

    Both signals are brought to the same level, converted to loudness per Bark band, and compared:
    0.1·d_sym + 0.0309·d_asym, where the second counts only what was added. It trains a mask towards PESQ, which has no
    gradient itself; it is not PESQ and is never reported.

    Shape:
        clean and judged, both `(batch, samples)` at 16 kHz → `(batch,)`, lower is better.

    Example:
        >>> clean = torch.randn(1, 16_000, generator=torch.Generator().manual_seed(0))
        >>> loss = PESQLoss()
        >>> bool(loss(clean, clean) < loss(clean, clean.roll(100)))
        True
    """

    def __init__(self) -> None:
        super().__init__()
        self.stft = STFT(size=512, hop=256, window="hann")
        frequencies = torch.linspace(0, MODEL_RATE / 2, 257)
        position = _bark(frequencies.clamp(min=50.0))
        edges = torch.linspace(float(position[0]), float(_bark(torch.tensor(7700.0))), BANDS + 1)
        bands = torch.bucketize(position, edges[1:-1])
        matrix = nn.functional.one_hot(bands, BANDS).float().T
        matrix[:, 0] = 0.0
        matrix[:, frequencies > 7700.0] = 0.0
        matrix = matrix[matrix.sum(1) > 0]
        centres = (matrix @ frequencies) / matrix.sum(1)
        self.matrix: Tensor
        self.threshold: Tensor
        self.register_buffer("matrix", matrix, persistent=False)
        self.register_buffer("threshold", _threshold_in_quiet(centres)[:, None], persistent=False)

    def _powers(self, waveforms: Tensor) -> Tensor:
        """Bark-band powers `(batch, bands, frames)` at the listening level."""
        levelled = waveforms * torch.sqrt(POWER / (waveforms.square().mean(-1, keepdim=True) + 1e-10))
        spectrum = self.stft(levelled)
        return SPECTRAL_SCALE * torch.matmul(self.matrix, spectrum.real.square() + spectrum.imag.square())

    def _loudness(self, powers: Tensor) -> Tensor:
        ratio = powers / self.threshold
        loudness = (self.threshold / 0.5) ** ZWICKER * ((0.5 + 0.5 * ratio) ** ZWICKER - 1.0)
        return LOUDNESS_SCALE * loudness.clamp(min=0.0)

    def forward(self, clean: Tensor, judged: Tensor) -> Tensor:
        reference, degraded = self._powers(clean), self._powers(judged)
        wanted, heard = self._loudness(reference), self._loudness(degraded)
        deadzone = 0.25 * torch.minimum(wanted, heard)
        disturbance = (heard - wanted).abs().sub(deadzone).clamp(min=0.0)
        asymmetry = ((degraded + 50.0) / (reference + 50.0)) ** 1.2
        asymmetry = torch.where(asymmetry < 3.0, torch.zeros_like(asymmetry), asymmetry.clamp(max=12.0))
        half_bark = 0.4 * BANDS
        symmetric = torch.sqrt(disturbance.square().mean(1) + 1e-9) * half_bark
        added = (disturbance * asymmetry).mean(1) * half_bark
        weight = ((reference.sum(1) + 1e5) / 1e7) ** 0.04
        return 0.1 * _over_time(symmetric / weight) + 0.0309 * _over_time(added / weight)


def _over_time(frames: Tensor) -> Tensor:
    """L6 mean over syllables of 320 ms overlapping by half, then L2 mean over these: `(batch, frames)` → `(batch,)`."""
    syllables = frames.clamp(max=45.0).unfold(-1, FRAMES_PER_SYLLABLE, FRAMES_PER_SYLLABLE // 2)
    peaks = ((syllables**6).mean(-1) + 1e-9) ** (1.0 / 6.0)
    return torch.sqrt(peaks.square().mean(-1) + 1e-9)
