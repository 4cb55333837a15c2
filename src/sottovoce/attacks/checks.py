"""Tests for listeners on which gradient attacks mislead, after AutoAttack (Croce and Hein, 2020)."""

from enum import StrEnum

import torch
from torch import Tensor, nn

from sottovoce.attacks.base import AttackResult, Problem, frozen
from sottovoce.threats.budgets import Unlimited
from sottovoce.threats.domains import WaveformDomain
from sottovoce.threats.objectives import Objective

PASSES = 4
MOST_ZEROS = 0.1
"""Allowed share of examples without any gradient."""
PROBES = 8


class Suspicion(StrEnum):
    """Why a gradient attack on a listener may mislead."""

    RANDOMISED = "its outputs are random: average over several of them, or attack without gradients"
    NO_GRADIENT = "many recordings have no gradient: attack without gradients"
    MASKED = "the attack finds nothing, or does worse than random noise of equal loudness: its gradients are masked"
    TRANSFER = "an attack on another listener transfers better than the attack on itself: its gradients are masked"


def is_randomised(listener: nn.Module, waveforms: Tensor, lengths: Tensor | None = None) -> bool:
    """Whether the same input `(batch, samples)` gives different outputs."""
    with frozen([listener]), torch.no_grad():
        first = listener(waveforms, lengths)
        return any(not torch.equal(listener(waveforms, lengths), first) for _ in range(PASSES - 1))


def without_gradient(
    listener: nn.Module, waveforms: Tensor, objective: Objective, lengths: Tensor | None = None
) -> float:
    """Share of the examples whose loss has no gradient anywhere in the waveform."""
    problem = Problem(listener, waveforms, objective, lengths, Unlimited(), WaveformDomain())
    with frozen(problem.listeners):
        inputs = problem.originals.clone().requires_grad_()
        gradient = problem.gradient(problem.ask(inputs).losses(), inputs)
    return float((gradient == 0).all(-1).float().mean())


def suspicions(
    listener: nn.Module,
    waveforms: Tensor,
    objective: Objective,
    result: AttackResult,
    *,
    generator: torch.Generator,
    lengths: Tensor | None = None,
    transferred: Tensor | None = None,
) -> list[Suspicion]:
    """Reasons not to trust a gradient attack on this listener.

    Args:
        listener, waveforms, objective, lengths: as passed to the attack.
        result: the attack's result.
        generator: source of the random noise that the result is compared with.
        transferred: adversarial waveforms that the same attack found on another listener; None skips that test.

    Returns:
        The reasons found; none for a listener that passes all tests.

    Example:
        >>> from sottovoce.attacks import PGD
        >>> from sottovoce.channels import Quantization
        >>> from sottovoce.threats import Silence
        >>> listener, waveforms = Quantization(), 0.01 * torch.tensor([1.0, -1.0]).repeat(2, 80)
        >>> result = PGD(steps=5)(listener, waveforms, Silence())
        >>> suspicions(listener, waveforms, Silence(), result, generator=torch.Generator().manual_seed(0))
        []
    """
    found = []
    if is_randomised(listener, waveforms, lengths):
        found.append(Suspicion.RANDOMISED)
    if without_gradient(listener, waveforms, objective, lengths) > MOST_ZEROS:
        found.append(Suspicion.NO_GRADIENT)
    problem = Problem(listener, waveforms, objective, lengths, Unlimited(), WaveformDomain())
    sizes = (result.adversarial - problem.originals).square().mean(-1, keepdim=True).sqrt()
    with frozen(problem.listeners), torch.no_grad():
        noises = (torch.randn(problem.originals.shape, generator=generator).to(sizes) for _ in range(PROBES))
        losses = [problem.ask((problem.originals + sizes * noise).clamp(-1, 1)).losses() for noise in noises]
        better = (torch.stack(losses).amin(0) < result.loss) | (sizes[:, 0] == 0)
        if better.float().mean() > 0.5:
            found.append(Suspicion.MASKED)
        if transferred is not None and (problem.ask(transferred).losses() < result.loss).float().mean() > 0.5:
            found.append(Suspicion.TRANSFER)
    return found
