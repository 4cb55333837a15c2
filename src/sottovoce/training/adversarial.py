"""Adversarial training (Goodfellow et al., 2015; paper 001, eq. 6)."""

from collections.abc import Callable

import torch
from torch import Tensor

Loss = Callable[[Tensor], Tensor]
"""From inputs `(batch, samples)` to one number."""


def adversarial_loss(loss: Loss, bare: Loss, inputs: Tensor, *, alpha: float, epsilon: float) -> Tensor:
    """α·J(x, y) + (1 - α)·J(x + ε·sign ∇ₓJ, y): eq. 6, whose second y the paper forgets to print.

    Args:
        loss: J(·, y).
        bare: the same without Fabric's wrapper around the network, which lets no gradient through but that of its own
            backward pass; ∇ₓ is taken here.
        inputs: x, `(batch, samples)` in [-1, 1].
        alpha: weight of the plain loss; with 1 nothing is attacked.
        epsilon: size of the step, full scale 1.
    """
    plain = loss(inputs)
    if alpha == 1.0:
        return plain
    return alpha * plain + (1.0 - alpha) * loss(step_of_fgsm(bare, inputs, epsilon))


def step_of_fgsm(loss: Loss, inputs: Tensor, epsilon: float) -> Tensor:
    """x + ε·sign ∇ₓJ, within full scale: the inputs after a step of FGSM away from the truth."""
    free = inputs.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(loss(free), free)
    return (inputs + epsilon * gradient.sign()).clamp(-1.0, 1.0)
