"""Genetic search without gradients (Alzantot et al., 2018)."""

import torch
from torch import Tensor

from sottovoce.attacks.base import INT16
from sottovoce.attacks.population import PopulationAttack, PopulationSearch
from sottovoce.ranges import integer, number
from sottovoce.threats.budgets import Budget

LOUDEST = 256 / INT16
"""±256 on the scale of 16-bit samples."""


class Genetic(PopulationAttack):
    """Draws parents by the softmax of their scores, crosses them uniformly, mutates a few samples, keeps the best.

    In the authors' code, a bug lets the noise grow far beyond the limit stated in the paper; here it does not.

    Args:
        generator: source of all random numbers, on the CPU.
        size: population size.
        elite: number of best individuals that survive unchanged.
        mutation: share of the samples that a mutation changes.
        start: share of the samples that differ from the original in the first generation; by default, `mutation`.
            With 1, the search begins at the budget and not close to silence.
        temperature: temperature of the softmax.
        generations: maximum number of generations.
        step: largest change of a sample by one mutation, full scale 1.
        budget: the allowed perturbations; by default no sample changes by more than `step`.
        rows: maximum number of waveforms per forward pass; by default, what suits the device.

    Raises:
        ValueError: a figure is out of range, or the generator is not one on the CPU.

    Example:
        >>> from sottovoce.channels import Quantization
        >>> from sottovoce.threats import Silence
        >>> attack = Genetic(generator=torch.Generator().manual_seed(0), step=0.01, mutation=0.1)
        >>> attack(Quantization(), 0.01 * torch.tensor([1.0, -1.0]).repeat(2, 80), Silence(drop=1.0)).success
        tensor([True, True])
    """

    def __init__(
        self,
        *,
        generator: torch.Generator,
        size: int = 20,
        elite: int = 2,
        mutation: float = 5e-4,
        start: float | None = None,
        temperature: float = 0.01,
        generations: int = 200,
        step: float = LOUDEST,
        budget: Budget | None = None,
        rows: int | None = None,
    ) -> None:
        super().__init__(generator, size, step, budget, rows)
        if integer("elite", elite, least=0) >= size:
            raise ValueError(f"elite must be less than the size, {size}; got {elite}")
        self.elite, self.mutation = elite, number("mutation", mutation, least=0, most=1)
        self.start = self.mutation if start is None else number("start", start, least=0, most=1)
        self.temperature = number("temperature", temperature, above=0)
        self.generations = integer("generations", generations)

    def run(self, search: PopulationSearch) -> None:
        examples, samples = search.originals.shape
        population = self._mutated(search, search.originals.new_zeros(examples, self.size, samples), self.start)
        for _ in range(self.generations):
            losses, met = search.judge(population)
            stay = search.leave(met.any(1))
            if not len(stay):
                break
            population = self._next(search, population[stay], losses[stay])

    def _next(self, search: PopulationSearch, population: Tensor, losses: Tensor) -> Tensor:
        order = losses.argsort(1)
        kept = _chosen(population, order[:, : self.elite])
        children = self.size - self.elite
        scores = torch.softmax(-losses / self.temperature, 1).cpu()
        parents = torch.multinomial(scores, 2 * children, replacement=True, generator=search.generator)
        mothers, fathers = torch.split(_chosen(population, parents.to(losses.device)), children, 1)
        crossed = torch.where(search.random(*mothers.shape) < 0.5, mothers, fathers)
        return torch.cat([kept, self._mutated(search, crossed, self.mutation)], 1)

    def _mutated(self, search: PopulationSearch, population: Tensor, share: float) -> Tensor:
        chosen = search.random(*population.shape) < share
        noise = self.step * (2 * search.random(*population.shape) - 1)
        return search.projected(population + noise * chosen)


def _chosen(population: Tensor, places: Tensor) -> Tensor:
    """Individuals `(examples, n, samples)` at `places (examples, n)`."""
    return population.gather(1, places[..., None].expand(-1, -1, population.shape[-1]))
