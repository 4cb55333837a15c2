"""Mixing of speech and noise at a given signal-to-noise ratio."""

import torch
from torch import Tensor

from sottovoce.errors import SottovoceError


def mix(speech: Tensor, noise: Tensor, snr: Tensor | float) -> Tensor:
    """Add noise, scaled so that 10·log10(Σ speech² / Σ noise²) over the whole recording is `snr`.

    Example:
        >>> mix(torch.ones(4), torch.tensor([1.0, -1.0, 1.0, -1.0]), snr=20.0).tolist()
        [1.100000023841858, 0.8999999761581421, 1.100000023841858, 0.8999999761581421]

    Args:
        speech: `(…, samples)`.
        noise: the same shape.
        snr: SNR in dB, a number or `(…)`.

    Returns:
        The mixture, `(…, samples)`; it may exceed [-1, 1].

    Raises:
        SottovoceError: a row of speech or noise is silent.
    """
    powers = speech.square().sum(-1), noise.square().sum(-1)
    if bool((powers[0] == 0).any()) or bool((powers[1] == 0).any()):
        raise SottovoceError("the speech or the noise is silent, so no gain gives the SNR; choose other recordings")
    ratio = 10.0 ** (torch.as_tensor(snr, dtype=speech.dtype, device=speech.device) / 10.0)
    return speech + noise * torch.sqrt(powers[0] / (powers[1] * ratio))[..., None]


def limit_peak(waveforms: Tensor, *others: Tensor, peak: float = 0.99) -> tuple[Tensor, ...]:
    """Scale rows `(batch, samples)` that exceed `peak` down to it, and the rows of `others` by the same gains.

    Example:
        >>> [scaled.tolist() for scaled in limit_peak(torch.tensor([[2.0, 1.0]]), torch.tensor([[1.0, 1.0]]), peak=1.0)]
        [[[1.0, 0.5]], [[0.5, 0.5]]]
    """
    gain = (peak / waveforms.abs().amax(-1, keepdim=True).clamp(min=1e-9)).clamp(max=1.0)
    return tuple(waveform * gain for waveform in (waveforms, *others))


def random_excerpt(waveform: Tensor, samples: int, generator: torch.Generator) -> Tensor:
    """Cut `samples` consecutive samples of `waveform (…, n)` at a random position; a shorter waveform is repeated.

    Example:
        >>> random_excerpt(torch.tensor([1, 2]), 4, torch.Generator().manual_seed(0)).tolist()
        [1, 2, 1, 2]
    """
    if waveform.shape[-1] < samples:
        waveform = torch.cat([waveform] * -(-samples // waveform.shape[-1]), -1)
    start = int(torch.randint(waveform.shape[-1] - samples + 1, (), generator=generator))
    return waveform[..., start : start + samples]
