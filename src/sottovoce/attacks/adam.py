"""Gradient descent by Adam in the coordinates of a domain, within a budget."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from sottovoce.attacks.base import Problem, faded


def adam(
    problem: Problem,
    coordinates: Tensor,
    loss: Callable[[Tensor], Tensor],
    *,
    steps: int,
    lr: float,
    decay: float,
    progress: Callable[[int], None] | None,
) -> Iterator[tuple[Tensor, Tensor]]:
    """Move coordinates step by step (Kingma and Ba, 2015); after each step they settle within the budget.

    Args:
        problem: the batch under attack.
        coordinates: where to begin, a leaf that requires gradients; moved in place.
        loss: of waveforms `(batch, samples)`, for each row.
        steps: number of steps.
        lr: step size, which falls linearly to `decay` times that.
        decay: see `faded`.
        progress: called after every step with its number, from 1.

    Yields:
        The waveforms before each step, and their losses `(batch,)`.

    Raises:
        SottovoceError: see `Problem.gradient`.
    """
    optimizer = torch.optim.Adam([coordinates], lr=lr)
    for number in range(steps):
        optimizer.param_groups[0]["lr"] = lr * faded(number, steps, decay)
        candidates = problem.waveforms(coordinates)
        losses = loss(candidates)
        coordinates.grad = problem.gradient(losses, coordinates)
        yield candidates, losses
        optimizer.step()
        with torch.no_grad():
            coordinates.copy_(problem.chart.settle(coordinates, problem.waveforms(coordinates)))
        if progress:
            progress(number + 1)
