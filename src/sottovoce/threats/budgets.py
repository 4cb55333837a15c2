"""How much an attack may change: sets of perturbations, and the projection onto them."""

from typing import Protocol

import torch
from torch import Tensor

from sottovoce.audio.batch import energy

ROUNDING = 1e-5
"""A perturbation this near to the boundary counts as on it: one that was put there before lies, by chance of rounding,
a hair inside or outside, and an attack's way must not depend on that."""


class Budget(Protocol):
    """A convex set of perturbations that holds zero."""

    def project(self, perturbations: Tensor, originals: Tensor) -> Tensor:
        """The nearest allowed perturbations; both `(batch, samples)`, zero in the padding. Differentiable."""
        ...


class Unlimited:
    """No limit but the full scale of the samples."""

    def project(self, perturbations: Tensor, originals: Tensor) -> Tensor:
        return perturbations


class LInf:
    """No sample changes by more than `radius` (full scale 1).

    A sample on the boundary has its full gradient, which can lead it back inside.
    """

    def __init__(self, radius: float) -> None:
        self.radius = radius

    def project(self, perturbations: Tensor, originals: Tensor) -> Tensor:
        bounded = perturbations.clamp(-self.radius, self.radius)
        kept = perturbations + (bounded - perturbations).detach()
        return torch.where(perturbations.abs() <= self.radius + ROUNDING, kept, bounded)


class L2:
    """The Euclidean norm of each row's perturbation is at most `radius`."""

    def __init__(self, radius: float) -> None:
        self.radius = radius

    def project(self, perturbations: Tensor, originals: Tensor) -> Tensor:
        return _shrink(perturbations, torch.full_like(perturbations[:, 0], self.radius))


class SNRFloor:
    """10·log10(Σ x² / Σ δ²) of each row is at least `snr` dB: an L2 ball whose radius follows the recording.

    A silent row may not be changed at all.
    """

    def __init__(self, snr: float) -> None:
        self.snr = snr

    def radii(self, originals: Tensor) -> Tensor:
        """The largest norm that each row of `(batch, samples)` allows: `(batch,)`."""
        return torch.sqrt(energy(originals) * 10.0 ** (-self.snr / 10.0))

    def project(self, perturbations: Tensor, originals: Tensor) -> Tensor:
        return _shrink(perturbations, self.radii(originals))


def _shrink(perturbations: Tensor, radii: Tensor) -> Tensor:
    """Rows with their norms brought down to `radii`; on the boundary, the gradient runs along it."""
    norms = torch.sqrt(energy(perturbations) + 1e-20)
    scales = torch.where(norms < radii * (1.0 - ROUNDING), torch.ones_like(norms), radii / norms)
    return perturbations * scales[:, None]
