"""Listeners on which a gradient attack says too little, recognised as AutoAttack does (Croce and Hein, ICML 2020)."""

from enum import StrEnum

import torch
from torch import Tensor, nn

from sottovoce.attacks.base import AttackResult, Problem, frozen
from sottovoce.threats.budgets import Unlimited
from sottovoce.threats.domains import WaveformDomain
from sottovoce.threats.objectives import Objective

PASSES = 4
MOST_ZEROS = 0.1
"""Share of the examples that may have no gradient at all."""
PROBES = 8


class Suspicion(StrEnum):
    """Why a gradient attack on a listener may mislead."""

    RANDOMISED = "it answers the same question differently: average over its answers, or attack without gradients"
    NO_GRADIENT = "many recordings have no gradient at all: attack without gradients"
    MASKED = "random noise as loud does better than the attack, or it finds nothing: its gradients point nowhere"
    TRANSFER = "an attack on another listener does better than the one on itself: its gradients are masked"


@torch.no_grad()
def is_randomised(listener: nn.Module, waveforms: Tensor, lengths: Tensor | None = None) -> bool:
    """Whether the same input `(batch, samples)` gives different outputs."""
    with frozen([listener]):
        first = listener(waveforms, lengths)
        return any(not torch.equal(listener(waveforms, lengths), first) for _ in range(PASSES - 1))


def without_gradient(
    listener: nn.Module, waveforms: Tensor, objective: Objective, lengths: Tensor | None = None
) -> float:
    """The share of the examples whose loss has no gradient anywhere in the waveform."""
    problem = Problem(listener, waveforms, objective, lengths, Unlimited(), WaveformDomain())
    with frozen(problem.listeners):
        inputs = problem.originals.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(problem.ask(inputs).losses().sum(), inputs)
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
    """What speaks against trusting a gradient attack on this listener.

    Args:
        listener, waveforms, objective, lengths: as the attack had them.
        result: what the gradient attack found.
        generator: source of the random noise that it is compared with.
        transferred: adversarial waveforms made on another listener by the same attack; None leaves that check out.

    Returns:
        The grounds for suspicion, none for a listener that can be trusted so far.
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
