"""Evolutionary attack on two objectives at once, by NSGA-II (Khare et al., 2019)."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from sottovoce.attacks.base import INT16, AttackResult, Listeners, Objectives, Problem, frozen
from sottovoce.audio.spectral import MFCC, LogMel, MelPower
from sottovoce.errors import SottovoceError
from sottovoce.ranges import integer, number
from sottovoce.threats.budgets import Unlimited
from sottovoce.threats.domains import WaveformDomain
from sottovoce.threats.objectives.recognizers import Transcribe
from sottovoce.threats.settings import Settings


class Evolutionary(Settings):
    """Minimises the number of wrong letters and the distance of the cepstra to the original's, without a weighting.

    The whole population goes through the listener in one forward pass; the examples are attacked one after another.
    The result is the perturbation with the smallest distance of cepstra that meets the objective, or, if none does, the
    one with the fewest wrong letters. Crossover is uniform; a mutation adds Gaussian noise to a few samples.

    Args:
        seed: seed of the search.
        size: population size.
        generations: number of generations.
        mutation: share of the samples that a mutation changes.
        sigma: standard deviation of such a change, full scale 1.
        bound: largest change of a sample.
        channel: applied to perturbations `(batch, samples)` before they are added, e.g. `BandPass`.
        progress: called after every generation of every example with their total number so far, from 1.

    Raises:
        ValueError: a figure is out of range.
        SottovoceError: pymoo is not installed.

    Example:
        With `recognizer`, a `CTCRecognizer`, and pymoo installed:

        >>> attack = Evolutionary(size=20, generations=100)  # doctest: +SKIP
        >>> result = attack(recognizer, waveforms, Transcribe(["OPEN THE DOOR"], recognizer))  # doctest: +SKIP
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        size: int = 50,
        generations: int = 500,
        mutation: float = 5e-4,
        sigma: float = 64 / INT16,
        bound: float = 2000 / INT16,
        channel: nn.Module | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        if find_spec("pymoo") is None:
            raise SottovoceError("the evolutionary attack needs pymoo: pip install 'sottovoce[recognition]'")
        self.seed, self.size = integer("seed", seed, least=0), integer("size", size, least=2)
        self.generations = integer("generations", generations)
        self.mutation = number("mutation", mutation, least=0, most=1)
        self.sigma, self.bound = number("sigma", sigma, above=0), number("bound", bound, above=0)
        self.channel, self.progress = channel or nn.Identity(), progress
        self.cepstra = MFCC(LogMel(MelPower(bands=26, low=0.0, high=8000.0)))

    def __call__(
        self, listener: Listeners, waveforms: Tensor, objective: Objectives, *, lengths: Tensor | None = None
    ) -> AttackResult:
        """See `Attack.__call__`.

        Raises:
            SottovoceError: the objective is not a text.
        """
        if not isinstance(objective, Transcribe):
            raise SottovoceError("the evolutionary attack counts wrong letters; use Transcribe as its objective")
        problem = Problem(listener, waveforms, objective, lengths, Unlimited(), WaveformDomain())
        with frozen(problem.listeners), torch.no_grad():
            for row in range(len(problem.originals)):
                self._search(problem, row)
        return problem.result()

    def _search(self, problem: Problem, row: int) -> None:
        from pymoo.algorithms.moo.nsga2 import NSGA2
        from pymoo.core.evaluator import Evaluator
        from pymoo.core.problem import Problem as Space
        from pymoo.operators.crossover.ux import UniformCrossover
        from pymoo.problems.static import StaticProblem

        samples = int(problem.lengths[row])
        space = Space(n_var=samples, n_obj=2, xl=-self.bound, xu=self.bound)
        random = np.random.default_rng([self.seed, row])
        search = NSGA2(
            pop_size=self.size,
            sampling=_mutated(np.zeros((self.size, samples)), random, self.mutation, self.sigma),
            crossover=UniformCrossover(),
            mutation=_mutation(self.mutation, self.sigma),
            eliminate_duplicates=False,
        )
        search.setup(space, termination=("n_gen", self.generations), seed=self.seed + row, verbose=False)
        for generation in range(self.generations):
            population = search.ask()
            values = self._judge(problem, row, population.get("X"))
            Evaluator().eval(StaticProblem(space, F=values), population)
            search.tell(infills=population)
            if self.progress:
                self.progress(row * self.generations + generation + 1)

    def _judge(self, problem: Problem, row: int, changes: np.ndarray[Any, np.dtype[np.float64]]) -> Any:
        """Number of wrong letters and distance of cepstra of every individual: float64 `(size, 2)`."""
        original = problem.originals[row : row + 1, : changes.shape[1]]
        candidates = (original + self.channel(torch.from_numpy(changes).to(original))).clamp(-1.0, 1.0)
        answers = problem.ask(candidates, torch.full((len(candidates),), row, device=candidates.device))
        texts = [objective for objective in answers.objectives if isinstance(objective, Transcribe)]
        wrong = answers.mean([text.edits for text in texts])
        cepstra = self.cepstra.to(original.device)
        distance = (cepstra(candidates) - cepstra(original)).square().sum((1, 2)).sqrt()
        scores = torch.where(answers.met(), distance, 1e6 * (1e3 + wrong) + distance)
        best = int(scores.argmin())
        if scores[best] < problem.best_score[row]:
            problem.best[row, : changes.shape[1]], problem.best_score[row] = candidates[best], scores[best]
        return torch.stack([wrong, distance], 1).double().cpu().numpy()


def _mutation(share: float, sigma: float) -> Any:
    """Gaussian noise on a few samples, as a mutation for pymoo."""
    from pymoo.core.mutation import Mutation

    class Few(Mutation):  # type: ignore[misc]
        def _do(self, problem: Any, X: Any, *args: Any, random_state: Any = None, **kwargs: Any) -> Any:
            return _mutated(X, random_state, share, sigma)

    return Few()


def _mutated(changes: Any, random: np.random.Generator, share: float, sigma: float) -> Any:
    return changes + (random.random(changes.shape) < share) * random.normal(0.0, sigma, changes.shape)
