"""Adversarial training (Goodfellow et al., 2015) as in Dong et al. (2022), eq. 6."""

from collections.abc import Callable

import torch
from torch import Tensor

Loss = Callable[[Tensor], Tensor]
"""From inputs `(batch, samples)` to a scalar."""


def adversarial_loss(loss: Loss, bare: Loss, inputs: Tensor, *, alpha: float, epsilon: float) -> Tensor:
    """α·J(x, y) + (1 - α)·J(x + ε·sign ∇ₓJ, y): eq. 6, in whose second term the authors omit y.

    Args:
        loss: J(·, y).
        bare: the same without Fabric's wrapper around the network, which only lets gradients through in its own
            backward pass; used for ∇ₓJ.
        inputs: x, `(batch, samples)` in [-1, 1].
        alpha: weight of the plain loss; with 1 no adversarial examples are made.
        epsilon: size of the FGSM step, relative to full scale.
    """
    plain = loss(inputs)
    if alpha == 1.0:
        return plain
    return alpha * plain + (1.0 - alpha) * loss(fgsm_step(bare, inputs, epsilon))


def fgsm_step(loss: Loss, inputs: Tensor, epsilon: float) -> Tensor:
    """x + ε·sign ∇ₓJ, clipped to full scale: the inputs after one FGSM step that increases the loss."""
    free = inputs.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(loss(free), free)
    return (inputs + epsilon * gradient.sign()).clamp(-1.0, 1.0)
