"""EOT: descent on what listeners make of a perturbation on average over all that is random in them."""

from collections.abc import Callable

from torch import Tensor

from sottovoce.attacks.adam import adam
from sottovoce.attacks.base import AttackResult, Listeners, Objectives, Problem, frozen
from sottovoce.ranges import integer, number
from sottovoce.threats.budgets import Budget, Unlimited
from sottovoce.threats.domains import Domain, WaveformDomain
from sottovoce.threats.settings import Settings


class EOT(Settings):
    """Adam on the mean loss of listeners that may change from step to step; the last iterate is the result.

    Expectation over transformation (Athalye et al., 2018): with random channels or random enhancers before the
    listeners, every step takes one draw. A lucky draw has a low loss, so the last iterate is kept, not the best one as
    in `OPT`.

    Args:
        steps: number of gradient steps.
        lr: Adam's step size in the coordinates of the domain.
        decay: factor to which the step size falls linearly; 1 keeps it constant.
        budget: the allowed perturbations, applied after every step; all by default.
        domain: the coordinates of the search; samples by default.
        progress: called after every step with its number, from 1.

    Raises:
        ValueError: a figure is out of range.

    Example:
        >>> import torch
        >>> from sottovoce.channels import AdditiveNoise, Quantization
        >>> from sottovoce.models.chain import Chain
        >>> from sottovoce.threats import Silence, SNRFloor
        >>> noisy = Chain(AdditiveNoise(40.0, generator=torch.Generator().manual_seed(0)), Quantization())
        >>> waveforms = 0.01 * torch.tensor([1.0, -1.0]).repeat(2, 80)
        >>> EOT(steps=20, budget=SNRFloor(3.0))(noisy, waveforms, Silence())
        AttackResult(batch=2, successes=2, snr=3.0 dB, queries=20)
    """

    def __init__(
        self,
        *,
        steps: int = 40,
        lr: float = 1e-3,
        decay: float = 1.0,
        budget: Budget | None = None,
        domain: Domain | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.steps = integer("steps", steps)
        self.lr, self.decay = number("lr", lr, above=0), number("decay", decay, least=0, most=1)
        self.budget, self.domain = budget or Unlimited(), domain or WaveformDomain()
        self.progress = progress

    def __call__(
        self, listener: Listeners, waveforms: Tensor, objective: Objectives, *, lengths: Tensor | None = None
    ) -> AttackResult:
        problem = Problem(listener, waveforms, objective, lengths, self.budget, self.domain)
        coordinates = problem.chart.start.clone().requires_grad_()
        with frozen(problem.listeners):
            for _ in adam(
                problem,
                coordinates,
                lambda waveforms: problem.ask(waveforms).losses(),
                steps=self.steps,
                lr=self.lr,
                decay=self.decay,
                progress=self.progress,
            ):
                pass  # the last iterate counts
            problem.best = problem.waveforms(coordinates.detach())
            return problem.result()
