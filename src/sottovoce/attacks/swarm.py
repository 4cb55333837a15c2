"""Particle swarm search without gradients (SirenAttack: Du et al., 2019)."""

import torch
from torch import Tensor

from sottovoce.attacks.population import PopulationAttack, PopulationSearch
from sottovoce.ranges import integer
from sottovoce.threats.budgets import Budget

LOUDEST = 0.002
ATTRACTION = 1.4961
"""Acceleration towards a particle's own best position and the global one, c₁ = c₂."""
INERTIA = (0.9, 0.1)
"""In the first and the last iteration of an epoch."""


class Swarm(PopulationAttack):
    """Moves particles towards their own best position and the global one; every epoch restarts from new positions
    and keeps the best particle.

    SirenAttack's loss is a margin, and it stops below 0: use `LabelMargin`.

    Args:
        generator: source of all random numbers, on the CPU.
        size: number of particles.
        iterations: iterations per epoch.
        epochs: maximum number of epochs.
        step: largest coordinate of a starting position or velocity, full scale 1.
        budget: the allowed perturbations; by default no sample changes by more than `step`.
        rows: maximum number of waveforms per forward pass; by default, what suits the device.

    Raises:
        ValueError: a figure is out of range, or the generator is not one on the CPU.

    Example:
        >>> from sottovoce.channels import Quantization
        >>> from sottovoce.threats import Silence
        >>> attack = Swarm(generator=torch.Generator().manual_seed(0), step=0.01)
        >>> attack(Quantization(), 0.01 * torch.tensor([1.0, -1.0]).repeat(2, 80), Silence(drop=1.0)).success
        tensor([True, True])
    """

    def __init__(
        self,
        *,
        generator: torch.Generator,
        size: int = 25,
        iterations: int = 30,
        epochs: int = 300,
        step: float = LOUDEST,
        budget: Budget | None = None,
        rows: int | None = None,
    ) -> None:
        super().__init__(generator, size, step, budget, rows)
        self.iterations, self.epochs = integer("iterations", iterations), integer("epochs", epochs)

    def run(self, search: PopulationSearch) -> None:
        champions = torch.zeros_like(search.originals)
        for _ in range(self.epochs):
            champions = self._epoch(search, champions)
            if not len(search.active):
                break

    def _epoch(self, search: PopulationSearch, champions: Tensor) -> Tensor:
        """One epoch from the best positions so far, `(active, samples)`; returns those of the examples that stay."""
        shape = (len(search.active), self.size, champions.shape[-1])
        places = self._uniform(search, shape)
        places[:, 0] = champions
        places, speeds = search.projected(places), self._uniform(search, shape)
        own, own_losses = places.clone(), torch.full(shape[:2], torch.inf, device=places.device)
        for number in range(self.iterations):
            losses, met = search.judge(places)
            better = losses < own_losses
            own, own_losses = torch.where(better[..., None], places, own), torch.where(better, losses, own_losses)
            stay = search.leave(met.any(1))
            places, speeds, own, own_losses = places[stay], speeds[stay], own[stay], own_losses[stay]
            if not len(stay):
                break
            best = own[torch.arange(len(stay)), own_losses.argmin(1)][:, None]
            inertia = INERTIA[0] + (INERTIA[1] - INERTIA[0]) * number / max(1, self.iterations - 1)
            pull = search.random(*places.shape) * (own - places) + search.random(*places.shape) * (best - places)
            speeds = (inertia * speeds + ATTRACTION * pull).clamp(-self.step, self.step)
            places = search.projected(places + speeds)
        return own[torch.arange(len(own)), own_losses.argmin(1)]

    def _uniform(self, search: PopulationSearch, shape: tuple[int, int, int]) -> Tensor:
        return self.step * (2 * search.random(*shape) - 1)
