"""Plain noise beside a protection: what a perturbation of the same level, or of the same quality, does by chance."""

import math

import torch
from torch import Tensor

from sottovoce import metrics

LOUDEST, QUIETEST = -10.0, 80.0
"""SNR in dB between which noise of a given quality is sought."""
HALVINGS = 9
"""Of the range, so that the SNR is exact to 0.2 dB."""


def noise_as_loud(original: Tensor, protected: Tensor, *, seed: int = 0) -> Tensor:
    """The original with white Gaussian noise of the perturbation's energy.

    Args:
        original, protected: `(samples,)` at 16 kHz.
        seed: of the noise.

    Returns:
        `(samples,)`; the original itself if nothing was changed.

    Example:
        >>> quiet = torch.zeros(16_000)
        >>> round(noise_as_loud(quiet, quiet + 0.1).square().mean().item(), 4)
        0.01
    """
    noise = _noise(original, seed)
    gain: Tensor = (protected - original).norm() / noise.norm().clamp(min=1e-12)
    return original + noise * gain


def noise_alike(original: Tensor, quality: float, *, seed: int = 0) -> Tensor | None:
    """The original with white Gaussian noise at which PESQ-wb falls to a given value.

    Args:
        original: `(samples,)` at 16 kHz.
        quality: PESQ-wb of the protected signal.
        seed: of the noise.

    Returns:
        `(samples,)`; None where the quality is undefined, or no noise from -10 to 80 dB has it.
    """
    noise, energy = _noise(original, seed), original.norm()
    if math.isnan(quality) or not energy:
        return None
    low, high = LOUDEST, QUIETEST
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        found = metrics.pesq(original[None], _at(original, noise, energy, middle)[None]).item()
        if math.isnan(found):
            return None
        low, high = (low, middle) if found > quality else (middle, high)
    if low == LOUDEST or high == QUIETEST:
        return None
    return _at(original, noise, energy, (low + high) / 2)


def _noise(signal: Tensor, seed: int) -> Tensor:
    return torch.randn(len(signal), generator=torch.Generator().manual_seed(seed))


def _at(signal: Tensor, noise: Tensor, energy: Tensor, snr: float) -> Tensor:
    gain: Tensor = energy / noise.norm() * 10 ** (-snr / 20)
    return (signal + noise * gain).clamp(-1.0, 1.0)
