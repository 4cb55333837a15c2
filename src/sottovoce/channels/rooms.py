"""Rooms: convolution with impulse responses."""

import torch
from torch import Tensor
from torch.nn import functional

from sottovoce.audio.batch import energy

SILENT = 1e-20
"""Energy that keeps the gain and its gradient finite where there is none."""


def reverberate(waveforms: Tensor, responses: Tensor) -> Tensor:
    """Waveforms as they sound in rooms, in step with the originals and as loud.

    Args:
        waveforms: `(batch, samples)`.
        responses: impulse responses `(batch, taps)` or `(1, taps)`; their highest peak, the direct sound, keeps its
            place in time, and what comes after the last sample is cut.

    Returns:
        `(batch, samples)`, each row with the energy of the original. Differentiable.
    """
    samples, taps = waveforms.shape[-1], responses.shape[-1]
    size = samples + taps - 1
    spectrum = torch.fft.rfft(waveforms, size) * torch.fft.rfft(responses.to(waveforms), size)
    heard = functional.pad(torch.fft.irfft(spectrum, size), (0, taps))
    direct = responses.abs().argmax(-1).to(waveforms.device).expand(len(waveforms))
    places = direct[:, None] + torch.arange(samples, device=waveforms.device)
    heard = heard.gather(1, places)
    gain = torch.sqrt((energy(waveforms) + SILENT) / (energy(heard) + SILENT))
    return heard * gain[:, None]
