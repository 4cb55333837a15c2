"""Losses of SSED (Guo et al., 2024, section 3), one value per utterance."""

import torch
from torch import Tensor
from torch.linalg import vector_norm

from sottovoce.audio.batch import energy
from sottovoce.perturbers.ssed import Perturbed


def quality_loss(waveforms: Tensor, perturbed: Perturbed, alpha: float) -> Tensor:
    """(1 - α)·‖x* - x‖₂ + α·‖m‖₂ per utterance, `(batch,)` (eq. 3)."""
    change: Tensor = vector_norm(perturbed.waveforms - waveforms, dim=-1)
    mask: Tensor = vector_norm(perturbed.mask, dim=-1)
    return (1 - alpha) * change + alpha * mask


def removal_loss(perturbed: Perturbed, removed: Perturbed, gamma: float) -> Tensor:
    """(1 - γ)·‖m - m*‖₂ + γ·‖n + n*‖₂ per utterance, with n* and m* of the removal module, `(batch,)` (eq. 5)."""
    masks: Tensor = vector_norm(perturbed.mask - removed.mask, dim=-1)
    noises: Tensor = vector_norm(perturbed.noise + removed.noise, dim=-1)
    return (1 - gamma) * masks + gamma * noises


def excess(waveforms: Tensor, perturbed: Perturbed, floor: float) -> Tensor:
    """By how many dB the SNR of a perturbation is below `floor`, at least 0: `(batch,)`."""
    louder = energy(perturbed.waveforms - waveforms) / energy(waveforms).clamp(min=1e-9)
    return torch.relu(10 * torch.log10(louder.clamp(min=1e-9)) + floor)


def residual_loss(waveforms: Tensor, perturbed: Perturbed, removed: Perturbed) -> Tensor:
    """ln(‖x̂ - x‖₂ / ‖x' - x‖₂) per utterance, what remains of the perturbation, `(batch,)`.

    Not in the paper: with a given generator only the waveform matters, not its noise and mask.
    """
    left, added = (energy(each.waveforms - waveforms) for each in (removed, perturbed))
    return 0.5 * torch.log((left + 1e-12) / (added + 1e-12))
