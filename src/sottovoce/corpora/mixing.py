"""Speech and noise added at an exact signal-to-noise ratio."""

import torch
from torch import Tensor

from sottovoce.errors import SottovoceError


def mix(speech: Tensor, noise: Tensor, snr: Tensor | float) -> Tensor:
    """Scale the noise so that 10·log10(Σ speech² / Σ noise²) is `snr` dB over the whole recording, and add it.

    Args:
        speech: `(…, samples)`.
        noise: the same shape.
        snr: dB, a number or `(…)`.

    Returns:
        The mixture, `(…, samples)`; it may leave [-1, 1].

    Raises:
        SottovoceError: if a row of speech or noise is silent, so that no gain gives the ratio.
    """
    powers = speech.square().sum(-1), noise.square().sum(-1)
    if bool((powers[0] == 0).any()) or bool((powers[1] == 0).any()):
        raise SottovoceError("cannot mix at a given SNR: the speech or the noise is silent.")
    ratio = 10.0 ** (torch.as_tensor(snr, dtype=speech.dtype, device=speech.device) / 10.0)
    return speech + noise * torch.sqrt(powers[0] / (powers[1] * ratio))[..., None]


def limit_peak(waveforms: Tensor, *others: Tensor, peak: float = 0.99) -> tuple[Tensor, ...]:
    """Scale rows `(batch, samples)` whose peak is over `peak` down to it, and the rows of `others` by the same gain."""
    gain = (peak / waveforms.abs().amax(-1, keepdim=True).clamp(min=1e-9)).clamp(max=1.0)
    return tuple(waveform * gain for waveform in (waveforms, *others))


def random_excerpt(waveform: Tensor, samples: int, generator: torch.Generator) -> Tensor:
    """`samples` in a row from a random place of `waveform (…, n)`; a shorter one is repeated end to end first."""
    if waveform.shape[-1] < samples:
        waveform = torch.cat([waveform] * -(-samples // waveform.shape[-1]), -1)
    start = int(torch.randint(waveform.shape[-1] - samples + 1, (), generator=generator))
    return waveform[..., start : start + samples]
