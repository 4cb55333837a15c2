"""Step sizes over the course of a training."""

import math

import torch


def one_cycle(progress: float, warm_up: float) -> float:
    """The step size, as a fraction of the highest, at `progress` from 0 to 1.

    It rises linearly from 0.05 over the first `warm_up` of the training, and then falls along a cosine to 0.01.
    """
    if progress < warm_up:
        return 0.05 + 0.95 * progress / warm_up
    return 0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * (progress - warm_up) / (1.0 - warm_up)))


def set_step_size(lr: float, *optimizers: torch.optim.Optimizer) -> None:
    """Set the step size of all parameters of the optimisers."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = lr
