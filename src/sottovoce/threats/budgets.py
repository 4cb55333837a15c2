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
    """A convex set of perturbations that contains zero, for each recording its own."""

    def limits(self, originals: Tensor, lengths: Tensor | None = None) -> Tensor:
        """What is allowed for each recording, to be found once for a batch.

        Args:
            originals: `(batch, samples)`, zero in the padding.
            lengths: `(batch,)` in samples; None if no row is padded.

        Returns:
            A row for each recording, in the budget's own unit: `(batch, …)`.
        """
        ...

    def project(self, perturbations: Tensor, limits: Tensor, lengths: Tensor | None = None) -> Tensor:
        """The nearest allowed perturbations, differentiable.

        Args:
            perturbations: `(batch, samples)`, zero in the padding.
            limits: those of the recording that each row perturbs: `(batch, …)`.
            lengths: `(batch,)` in samples; None if no row is padded.

        Returns:
            The shape of `perturbations`, zero in the padding.
        """
        ...


class Unlimited(Settings):
    """No limit except the full scale of the samples.

    Example:
        >>> budget, originals = Unlimited(), torch.ones(1, 2)
        >>> budget.project(torch.tensor([[0.5, -0.2]]), budget.limits(originals))
        tensor([[ 0.5000, -0.2000]])
    """

    def limits(self, originals: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Infinite: `(batch,)`."""
        return torch.full_like(originals[:, 0], torch.inf)

    def project(self, perturbations: Tensor, limits: Tensor, lengths: Tensor | None = None) -> Tensor:
        """See `Budget.project`."""
        return perturbations


class LInf(Settings):
    """No sample changes by more than `radius` (full scale 1).

    Samples on the boundary keep their gradient, which can lead them back inside.

    Raises:
        ValueError: the radius is negative or not finite.

    Example:
        >>> budget, originals = LInf(0.1), torch.ones(1, 3)
        >>> budget.project(torch.tensor([[0.5, -0.2, 0.05]]), budget.limits(originals))
        tensor([[ 0.1000, -0.1000,  0.0500]])
    """

    def __init__(self, radius: float) -> None:
        self.radius = number("radius", radius, least=0)

    def limits(self, originals: Tensor, lengths: Tensor | None = None) -> Tensor:
        """The largest change of a sample: `(batch,)`."""
        return torch.full_like(originals[:, 0], self.radius)

    def project(self, perturbations: Tensor, limits: Tensor, lengths: Tensor | None = None) -> Tensor:
        """See `Budget.project`."""
        most = limits[:, None]
        bounded = torch.minimum(torch.maximum(perturbations, -most), most)
        kept = perturbations + (bounded - perturbations).detach()
        return torch.where(perturbations.abs() <= most + ROUNDING, kept, bounded)


class L2(Settings):
    """The Euclidean norm of each row's perturbation is at most `radius`.

    Raises:
        ValueError: the radius is negative or not finite.

    Example:
        >>> budget, originals = L2(1.0), torch.ones(2, 2)
        >>> budget.project(torch.tensor([[3.0, 4.0], [0.3, 0.4]]), budget.limits(originals))
        tensor([[0.6000, 0.8000],
                [0.3000, 0.4000]])
    """

    def __init__(self, radius: float) -> None:
        self.radius = number("radius", radius, least=0)

    def limits(self, originals: Tensor, lengths: Tensor | None = None) -> Tensor:
        """The largest norm: `(batch,)`."""
        return torch.full_like(originals[:, 0], self.radius)

    def project(self, perturbations: Tensor, limits: Tensor, lengths: Tensor | None = None) -> Tensor:
        """See `Budget.project`."""
        return _shrink(perturbations, limits)


class SNRFloor(Settings):
    """10·log10(Σ (x - x̄)² / Σ δ²) of each row is at least `snr` dB: an L2 ball in proportion to the recording.

    The row's mean x̄ is not sound and does not count as signal. A silent or constant row may not be changed at all.

    Raises:
        ValueError: the SNR is not finite.

    Example:
        >>> budget, originals = SNRFloor(20.0), torch.tensor([[3.0, -3.0], [9.0, 3.0], [0.0, 0.0]])
        >>> budget.project(torch.ones(3, 2), budget.limits(originals))
        tensor([[0.3000, 0.3000],
                [0.3000, 0.3000],
                [0.0000, 0.0000]])
    """

    def __init__(self, snr: float) -> None:
        self.snr = number("snr", snr)

    def limits(self, originals: Tensor, lengths: Tensor | None = None) -> Tensor:
        """The largest norm: `(batch,)`."""
        return torch.sqrt(energy_about_mean(originals, lengths) * 10.0 ** (-self.snr / 10.0))

    def project(self, perturbations: Tensor, limits: Tensor, lengths: Tensor | None = None) -> Tensor:
        """See `Budget.project`."""
        return _shrink(perturbations, limits)


def _shrink(perturbations: Tensor, radii: Tensor) -> Tensor:
    """Scale rows down to norms of at most `radii`; on the boundary, the gradient is tangential."""
    norms = torch.sqrt(energy(perturbations) + 1e-20)
    scales = torch.where(norms < radii * (1.0 - ROUNDING), torch.ones_like(norms), radii / norms)
    return perturbations * scales[:, None]
