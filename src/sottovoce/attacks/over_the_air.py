"""Targeted attack that survives being played in a room (Yakura and Sakuma, 2019)."""

from collections.abc import Callable
from copy import copy

import torch
from torch import Tensor

from sottovoce.attacks.base import AttackResult, Listeners, Objectives, Problem, faded, frozen
from sottovoce.attacks.inputs import checked_objectives
from sottovoce.audio.batch import energy, energy_about_mean, zero_padding
from sottovoce.channels.band import BandPass
from sottovoce.channels.rooms import reverberate
from sottovoce.ranges import integer, number
from sottovoce.threats.budgets import SNRFloor
from sottovoce.threats.domains import WaveformDomain
from sottovoce.threats.objectives import Objective
from sottovoce.threats.settings import Settings

LOUDEST_NOISE = 0.1
"""As a share of the recording's RMS (-20 dB); the authors' 2¹⁴ of 16 bits suits perturbations without a bound."""
FAINTER = 0.99
"""Factor of ρ each time that the objective is met in more than half of the rooms; the noise has LOUDEST_NOISE·(1-ρ)."""
EVERY = 5
"""Steps between these tests."""
MOMENTUM = 0.9
LAST_STEP = 0.02
"""The last step's length as a share of the first's."""
LOUD_START = 0.5
"""Loudness of the start as a share of the loudest perturbation allowed. At a tenth of it, most starts failed on one
recording; at this loudness, none did."""
TRIAL = 60
"""Steps after which only the best starts of each recording continue."""
JURY = 100
"""Maximum number of rooms in the final selection."""
TIE = 1e-4
"""Weight of the loss against the share of rooms lost: it only breaks ties."""
UNTRIED = 1e6
"""Stands for the loss in a room that was not tried yet, so that such rooms are drawn first."""


class OverTheAir(Settings):
    """Descends, at a given SNR, on the mean loss over rooms and white noise that grows as the attack succeeds.

    The perturbation is band-passed, added, played in `batch` rooms and disturbed by noise. Rooms are drawn in
    proportion to their last loss, those not tried yet first.

    The authors let Adam find the loudness, with a decay instead of a penalty on the norm, and keep the last
    perturbation that succeeded in most rooms. Here the SNR is given, so that attacks can be compared. A step follows
    the moving mean of the normalised gradient, and its length falls to a fiftieth. The last perturbation is kept, since
    the loss falls fastest while the steps shorten. The outcome depends on the start, and shows early, if not fully:
    several starts are tried, the best of them continue, and the one that succeeds in most rooms is the result.

    Args:
        rooms: impulse responses `(rooms, taps)`.
        seed: seed of the drawn rooms, the noise and the starts; a recording's result does not depend on the rest of
            its batch.
        snr: minimum 10·log10(Σ (x - x̄)² / Σ δ²) in dB, as in `SNRFloor`.
        band: filter of the perturbation.
        batch: rooms per step and recording.
        step: length of the first step as a share of the largest perturbation allowed.
        steps: number of gradient steps.
        starts: number of random starts per recording.
        finalists: number of starts that continue to the end.
        ending: objective whose loss the second half of the steps descends on; that of the call by default.
        progress: called after every step with the work done so far, in steps.

    Raises:
        ValueError: a figure is out of range, or there are no rooms.

    Example:
        >>> from sottovoce.channels import Quantization
        >>> from sottovoce.threats import Silence
        >>> rooms = torch.tensor([[0.8, 0.0, 0.1], [0.6, 0.2, 0.0]])
        >>> attack = OverTheAir(rooms, snr=0.0, steps=20)
        >>> attack(Quantization(), 0.1 * torch.sin(torch.arange(1600.0))[None], Silence(drop=3.0)).success
        tensor([True])
    """

    def __init__(
        self,
        rooms: Tensor,
        *,
        seed: int = 0,
        snr: float = 10.0,
        band: BandPass | None = None,
        batch: int = 20,
        step: float = 0.05,
        steps: int = 1000,
        starts: int = 6,
        finalists: int = 2,
        ending: Objective | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        if not isinstance(rooms, Tensor) or rooms.ndim != 2 or not rooms.numel() or not rooms.isfinite().all():
            raise ValueError("rooms must be a tensor (rooms, taps), finite and not empty")
        self.rooms, self.seed, self.band = rooms, integer("seed", seed, least=0), band or BandPass()
        self.snr, self.budget = snr, SNRFloor(snr)
        self.batch = min(integer("batch", batch), len(rooms))
        self.step, self.steps = number("step", step, above=0), integer("steps", steps)
        self.starts = integer("starts", starts)
        self.finalists = min(integer("finalists", finalists), starts)
        self.ending, self.progress = ending, progress

    def __call__(
        self, listener: Listeners, waveforms: Tensor, objective: Objectives, *, lengths: Tensor | None = None
    ) -> AttackResult:
        problem = Problem(listener, waveforms, objective, lengths, self.budget, WaveformDomain())
        with frozen(problem.listeners):
            search = Search(self, problem)
            for number in range(self.steps):
                if number == TRIAL:
                    search.keep(search.losses, self.finalists)
                if self.ending and 2 * number >= self.steps:
                    search.descend_on(self.ending)
                search.go(number)
            search.descend_on(objective)
            search.keep(search.defeats(), 1)
            problem.best, problem.queries = search.candidates(), search.queries
            return problem.result()

    def tell(self, number: int) -> None:
        """Report step `number`, from 0, to `progress`. Steps take longer while all starts are tried."""
        if self.progress:
            done, work = self._work(number + 1), self._work(self.steps)
            self.progress(self.steps * done // work)

    def _work(self, steps: int) -> int:
        return self.starts * min(steps, TRIAL) + self.finalists * max(0, steps - TRIAL)


class Search:
    """State of the search from every start of every recording.

    Args:
        attack: its settings.
        whole: the recordings.
    """

    def __init__(self, attack: OverTheAir, whole: Problem) -> None:
        self.attack, self.whole = attack, whole
        self.queries = torch.zeros_like(whole.queries)
        self._take(torch.arange(len(whole.originals), device=whole.originals.device).repeat_interleave(attack.starts))
        self.air = Air(attack.rooms, len(self.rows), attack.batch, attack.seed)
        noise = self.air.noise(self.problem.lengths, self.problem.originals.shape[-1])
        self.changes = self._within(LOUD_START * self.allowed * _normalised(noise))
        self.clarity, self.direction = torch.ones_like(self.allowed), torch.zeros_like(self.changes)
        self.losses = torch.zeros_like(self.allowed)[:, 0]

    def candidates(self) -> Tensor:
        """The perturbed waveforms."""
        return self.problem.waveforms(self.problem.originals + self._within(self.changes))

    def go(self, number: int) -> None:
        """Step `number`, from 0."""
        attack, problem, air = self.attack, self.problem, self.air
        self.changes.requires_grad_()
        heard, rows = air.play(self.candidates(), problem.lengths, LOUDEST_NOISE * (1.0 - self.clarity))
        answers = problem.ask(heard, rows)
        losses = answers.losses()
        gradient = problem.gradient(losses, self.changes)
        air.remember(losses.detach())
        with torch.no_grad():
            if number % EVERY == 0:
                self.clarity[self._by_row(answers.met().float()) > 0.5] *= FAINTER
            self.losses = MOMENTUM * self.losses + (1.0 - MOMENTUM) * self._by_row(losses)
            self.direction = MOMENTUM * self.direction + (1.0 - MOMENTUM) * _normalised(gradient)
            length = attack.step * faded(number, attack.steps, LAST_STEP) * self.allowed
            self.changes = self._within(self.changes - length * _normalised(self.direction))
        attack.tell(number)

    def descend_on(self, surrogate: Objectives) -> None:
        """Take losses from another objective from now on."""
        objectives = checked_objectives(surrogate, len(self.whole.listeners))
        self.problem.descend_on([each.rows(self.rows) for each in objectives])

    @torch.no_grad()
    def defeats(self) -> Tensor:
        """The share of the first hundred rooms in which each row does not meet the objective, ties broken by loss."""
        waveforms, lost = self.candidates(), torch.zeros_like(self.losses)
        jury = self.attack.rooms[:JURY].to(waveforms)
        for room in jury:
            answers = self.problem.ask(zero_padding(reverberate(waveforms, room[None]), self.problem.lengths))
            lost += (~answers.met()).float() + TIE * answers.losses()
        return lost / len(jury)

    def keep(self, scores: Tensor, count: int) -> None:
        """Continue with the `count` rows of each recording that have the lowest scores `(rows,)`."""
        by_recording = scores.view(len(self.whole.originals), -1)
        first = torch.arange(len(by_recording), device=scores.device)[:, None] * by_recording.shape[1]
        best = (first + by_recording.topk(count, largest=False).indices.sort(-1).values).flatten()
        self.queries.index_add_(0, self.rows, self.problem.queries)
        self._take(self.rows[best])
        self.air = self.air.rows(best)
        self.changes, self.direction = self.changes[best], self.direction[best]
        self.clarity, self.losses = self.clarity[best], self.losses[best]

    def _take(self, rows: Tensor) -> None:
        """Make these rows of the recordings the rows of the search."""
        whole = self.whole
        self.rows = rows
        self.problem = Problem(
            whole.listeners,
            whole.originals[rows],
            [objective.rows(rows) for objective in whole.objectives],
            whole.lengths[rows],
            whole.budget,
            WaveformDomain(),
        )
        self.allowed = self.problem.limits[:, None]

    def _within(self, changes: Tensor) -> Tensor:
        """The changes within the band, scaled into the budget."""
        banded = self.attack.band(changes, self.problem.lengths)
        return self.problem.budget.project(banded, self.problem.limits, self.problem.lengths)

    def _by_row(self, values: Tensor) -> Tensor:
        """Mean over the rooms of each row."""
        return values.view(len(self.changes), -1).mean(-1)


class Air:
    """The path from loudspeaker to listener: rooms, drawn in proportion to their last loss, and noise.

    Args:
        rooms: impulse responses `(rooms, taps)`.
        count: number of recordings.
        batch: rooms per recording in one call of `play`.
        seed: seed of all draws.
    """

    def __init__(self, rooms: Tensor, count: int, batch: int, seed: int) -> None:
        self.rooms, self.batch = rooms, batch
        self.generators = [torch.Generator().manual_seed(seed * 1000 + row) for row in range(count)]
        self.latest = torch.full((count, len(rooms)), UNTRIED)
        self.chosen = torch.zeros(count, batch, dtype=torch.int64)

    def rows(self, indices: Tensor) -> "Air":
        """The same for some of the recordings; their random draws continue."""
        part = copy(self)
        part.generators = [self.generators[row] for row in indices.tolist()]
        part.latest = self.latest[indices.cpu()]
        return part

    def noise(self, lengths: Tensor, samples: int) -> Tensor:
        """White noise of variance 1 for each recording, right-padded: `(recordings, samples)`."""
        noise = torch.zeros(len(lengths), samples)
        for row, size, generator in zip(noise, lengths.tolist(), self.generators, strict=True):
            row[:size] = torch.randn(size, generator=generator)
        return noise.to(lengths.device)

    def play(self, waveforms: Tensor, lengths: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Play recordings in rooms drawn for each of them, with white noise.

        Args:
            waveforms: `(recordings, samples)`.
            lengths: `(recordings,)` in samples.
            noise: RMS of the noise as a share of the recording's: `(recordings, 1)`.

        Returns:
            The waveforms at the listener, `(recordings·batch, samples)`, and the recording that each belongs to.
        """
        drawn = [
            torch.multinomial(weights.clamp(min=1e-6), self.batch, generator=generator)
            for weights, generator in zip(self.latest, self.generators, strict=True)
        ]
        self.chosen = torch.stack(drawn)
        rows = torch.arange(len(waveforms), device=waveforms.device).repeat_interleave(self.batch)
        loudness = torch.sqrt(energy_about_mean(waveforms.detach(), lengths) / lengths)[:, None]
        hiss = noise * loudness * self.noise(lengths, waveforms.shape[-1])
        played = reverberate(waveforms[rows], self.rooms[self.chosen.flatten()].to(waveforms)) + hiss[rows]
        return zero_padding(played, lengths[rows]), rows

    def remember(self, losses: Tensor) -> None:
        """Store the losses `(recordings·batch,)` in the rooms that `play` drew last."""
        self.latest.scatter_(1, self.chosen, losses.cpu().view_as(self.chosen).float())


def _normalised(waveforms: Tensor) -> Tensor:
    return waveforms / torch.sqrt(energy(waveforms) + 1e-30)[:, None]
