"""How much an attack may change: sets of allowed perturbations and the projection onto them."""

from typing import Protocol

import torch
from torch import Tensor

from sottovoce.audio.batch import energy, energy_about_mean
from sottovoce.ranges import number
from sottovoce.threats.settings import Settings

ROUNDING = 1e-5
"""Relative width of the boundary. Rounding leaves a projected perturbation slightly inside or outside of its set; the
course of an attack must not depend on which."""


class Budget(Protocol):
    """A convex set of perturbations that contains zero."""

    def project(self, perturbations: Tensor, originals: Tensor, lengths: Tensor | None = None) -> Tensor:
        """The nearest allowed perturbations, differentiable.

        Args:
            perturbations, originals: `(batch, samples)`, zero in the padding.
            lengths: `(batch,)` in samples; None if no row is padded.

        Returns:
            The shape of `perturbations`.
        """
        ...


class Unlimited(Settings):
    """No limit except the full scale of the samples.

    Example:
        >>> Unlimited().project(torch.tensor([[0.5, -0.2]]), torch.ones(1, 2))
        tensor([[ 0.5000, -0.2000]])
    """

    def project(self, perturbations: Tensor, originals: Tensor, lengths: Tensor | None = None) -> Tensor:
        return perturbations


class LInf(Settings):
    """No sample changes by more than `radius` (full scale 1).

    Samples on the boundary keep their gradient, which can lead them back inside.

    Raises:
        ValueError: the radius is negative or not finite.

    Example:
        >>> LInf(0.1).project(torch.tensor([[0.5, -0.2, 0.05]]), torch.ones(1, 3))
        tensor([[ 0.1000, -0.1000,  0.0500]])
    """

    def __init__(self, radius: float) -> None:
        self.radius = number("radius", radius, least=0)

    def project(self, perturbations: Tensor, originals: Tensor, lengths: Tensor | None = None) -> Tensor:
        bounded = perturbations.clamp(-self.radius, self.radius)
        kept = perturbations + (bounded - perturbations).detach()
        return torch.where(perturbations.abs() <= self.radius + ROUNDING, kept, bounded)


class L2(Settings):
    """The Euclidean norm of each row's perturbation is at most `radius`.

    Raises:
        ValueError: the radius is negative or not finite.

    Example:
        >>> L2(1.0).project(torch.tensor([[3.0, 4.0], [0.3, 0.4]]), torch.ones(2, 2))
        tensor([[0.6000, 0.8000],
                [0.3000, 0.4000]])
    """

    def __init__(self, radius: float) -> None:
        self.radius = number("radius", radius, least=0)

    def project(self, perturbations: Tensor, originals: Tensor, lengths: Tensor | None = None) -> Tensor:
        return _shrink(perturbations, torch.full_like(perturbations[:, 0], self.radius))


class SNRFloor(Settings):
    """10·log10(Σ (x - x̄)² / Σ δ²) of each row is at least `snr` dB: an L2 ball in proportion to the recording.

    The row's mean x̄ is not sound and does not count as signal. A silent or constant row may not be changed at all.

    Raises:
        ValueError: the SNR is not finite.

    Example:
        >>> originals = torch.tensor([[3.0, -3.0], [9.0, 3.0], [0.0, 0.0]])
        >>> SNRFloor(20.0).project(torch.ones(3, 2), originals)
        tensor([[0.3000, 0.3000],
                [0.3000, 0.3000],
                [0.0000, 0.0000]])
    """

    def __init__(self, snr: float) -> None:
        self.snr = number("snr", snr)

    def radii(self, originals: Tensor, lengths: Tensor | None = None) -> Tensor:
        """The largest norm allowed for each row of `(batch, samples)`, zero in the padding: `(batch,)`."""
        return torch.sqrt(energy_about_mean(originals, lengths) * 10.0 ** (-self.snr / 10.0))

    def project(self, perturbations: Tensor, originals: Tensor, lengths: Tensor | None = None) -> Tensor:
        return _shrink(perturbations, self.radii(originals, lengths))


def _shrink(perturbations: Tensor, radii: Tensor) -> Tensor:
    """Scale rows down to norms of at most `radii`; on the boundary, the gradient is tangential."""
    norms = torch.sqrt(energy(perturbations) + 1e-20)
    scales = torch.where(norms < radii * (1.0 - ROUNDING), torch.ones_like(norms), radii / norms)
    return perturbations * scales[:, None]
