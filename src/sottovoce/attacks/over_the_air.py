"""Targeted attack that survives being played in a room (Yakura and Sakuma, 2019)."""

from collections.abc import Callable
from copy import copy

import torch
from torch import Tensor

from sottovoce.attacks.base import AttackResult, Listeners, Problem, faded, frozen
from sottovoce.audio.batch import energy, pad, zero_padding
from sottovoce.channels.band import BandPass
from sottovoce.channels.rooms import reverberate
from sottovoce.threats.budgets import SNRFloor
from sottovoce.threats.domains import WaveformDomain
from sottovoce.threats.objectives import Objective

LOUDEST_NOISE = 0.1
"""Of the recording's RMS, 20 dB below it; the authors' 2¹⁴ of 16 bits is for perturbations that know no bound."""
FAINTER = 0.99
"""What remains of ρ each time that more than half of the rooms hear the target; the noise has LOUDEST_NOISE·(1-ρ)."""
EVERY = 5
"""Steps between looks at whether they do."""
MOMENTUM = 0.9
LAST_STEP = 0.02
"""Share of the step size that is left at the end."""
LOUD_START = 0.5
"""Of the allowed perturbation. On a recording where most starts at a tenth of it went astray, none did from here."""
TRIAL = 60
"""Steps after which only the best starts of each recording go on."""
JURY = 100
"""Rooms that the last choice is made by, at most."""
TIE = 1e-4
"""Weight of the loss beside the share of rooms won, so that it decides where they are equal."""
UNTRIED = 1e6
"""Loss that stands for that of a room not tried yet: such rooms are drawn first."""


class OverTheAir:
    """Descends on the mean loss over rooms and white noise that grows as the attack succeeds, at a given loudness.

    The perturbation is band-passed, added, played in `batch` rooms drawn in proportion to how badly each went the last
    time (those not tried yet first), and disturbed by noise.

    The authors let Adam find how loud it must be, with a decay in place of the norm's penalty, and keep the last
    perturbation that most rooms heard. Here the SNR is given, so that attacks can be compared; a step goes along the
    normalised gradient's moving mean, down to a fiftieth of its length at the end; and the last perturbation is the
    one, since the loss falls fastest while the steps shorten. How good it is hangs on the start, and shows early, if
    not fully: there are several starts, of which the best go on, and the one of them that wins most rooms is given.

    Args:
        rooms: impulse responses `(rooms, taps)`.
        seed: of the rooms drawn, the noise and the start; what a recording gets does not depend on those beside it.
        snr: 10·log10(Σ x² / Σ δ²) in dB that is allowed.
        band: what the perturbation goes through.
        batch: rooms a step, for each recording.
        step: the first step's length as a share of the largest perturbation allowed.
        steps: how many.
        starts: random perturbations that each recording's search begins with.
        finalists: how many of them go on to the end.
        ending: the objective whose loss the second half descends on; None for that of the call.
        progress: called after every step with the share of the work that is done, counted in steps.
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
        self.rooms, self.seed, self.budget, self.band = rooms, seed, SNRFloor(snr), band or BandPass()
        self.batch, self.step, self.steps = min(batch, len(rooms)), step, steps
        self.starts, self.finalists = starts, min(finalists, starts)
        self.ending, self.progress = ending, progress

    def __call__(
        self, listener: Listeners, waveforms: Tensor, objective: Objective, *, lengths: Tensor | None = None
    ) -> AttackResult:
        problem = Problem(listener, waveforms, objective, lengths, self.budget, WaveformDomain())
        with frozen(problem.listeners):
            search = Search(self, problem)
            for number in range(self.steps):
                if number == TRIAL:
                    search.keep(search.losses, self.finalists)
                if self.ending and 2 * number >= self.steps:
                    search.turn_to(self.ending)
                search.go(number)
            search.turn_to(objective)
            search.keep(search.defeats(), 1)
            problem.best, problem.queries = search.candidates(), search.queries
            return problem.result()

    def tell(self, number: int) -> None:
        """Report step `number`, from 0, to `progress`; as long as all starts are tried, one takes longer."""
        if self.progress:
            done, work = self._work(number + 1), self._work(self.steps)
            self.progress(self.steps * done // work)

    def _work(self, steps: int) -> int:
        return self.starts * min(steps, TRIAL) + self.finalists * max(0, steps - TRIAL)


class Search:
    """Where the search for each recording stands, from each of its starts.

    Args:
        attack: whose settings count.
        whole: the recordings.
    """

    def __init__(self, attack: OverTheAir, whole: Problem) -> None:
        self.attack, self.whole = attack, whole
        self.queries = torch.zeros_like(whole.queries)
        self._take(torch.arange(len(whole.originals), device=whole.originals.device).repeat_interleave(attack.starts))
        self.air = Air(attack.rooms, len(self.rows), attack.batch, attack.seed)
        self.changes = self._within(LOUD_START * self.allowed * _normalised(self.air.noise(self.problem.lengths)))
        self.clarity, self.direction = torch.ones_like(self.allowed), torch.zeros_like(self.changes)
        self.losses = torch.zeros_like(self.allowed)[:, 0]

    def candidates(self) -> Tensor:
        """The waveforms as perturbed so far."""
        return self.problem.waveforms(self.problem.originals + self._within(self.changes))

    def go(self, number: int) -> None:
        """Step `number`, from 0."""
        attack, problem, air = self.attack, self.problem, self.air
        self.changes.requires_grad_()
        heard, rows = air.play(self.candidates(), problem.lengths, LOUDEST_NOISE * (1.0 - self.clarity))
        answers = problem.ask(heard, rows)
        losses = answers.losses()
        (gradient,) = torch.autograd.grad(losses.sum(), self.changes)
        air.remember(losses.detach())
        with torch.no_grad():
            if number % EVERY == 0:
                self.clarity[self._by_row(answers.met().float()) > 0.5] *= FAINTER
            self.losses = MOMENTUM * self.losses + (1.0 - MOMENTUM) * self._by_row(losses)
            self.direction = MOMENTUM * self.direction + (1.0 - MOMENTUM) * _normalised(gradient)
            length = attack.step * faded(number, attack.steps, LAST_STEP) * self.allowed
            self.changes = self._within(self.changes - length * _normalised(self.direction))
        attack.tell(number)

    def turn_to(self, objective: Objective) -> None:
        """Descend on this one's loss from now on."""
        self.problem.objective = objective.rows(self.rows)

    @torch.no_grad()
    def defeats(self) -> Tensor:
        """The share of the rooms, of the first hundred, in which the objective is not met, for every row."""
        waveforms, lost = self.candidates(), torch.zeros_like(self.losses)
        jury = self.attack.rooms[:JURY].to(waveforms)
        for room in jury:
            answers = self.problem.ask(zero_padding(reverberate(waveforms, room[None]), self.problem.lengths))
            lost += (~answers.met()).float() + TIE * answers.losses()
        return lost / len(jury)

    def keep(self, scores: Tensor, count: int) -> None:
        """Go on with the `count` rows of each recording whose scores `(rows,)` are the lowest."""
        by_recording = scores.view(len(self.whole.originals), -1)
        first = torch.arange(len(by_recording), device=scores.device)[:, None] * by_recording.shape[1]
        best = (first + by_recording.topk(count, largest=False).indices.sort(-1).values).flatten()
        self.queries.index_add_(0, self.rows, self.problem.queries)
        self._take(self.rows[best])
        self.air = self.air.rows(best)
        self.changes, self.direction = self.changes[best], self.direction[best]
        self.clarity, self.losses = self.clarity[best], self.losses[best]

    def _take(self, rows: Tensor) -> None:
        """Let the search's rows be these of the recordings."""
        whole = self.whole
        self.rows = rows
        self.problem = Problem(
            whole.listeners,
            whole.originals[rows],
            whole.objective.rows(rows),
            whole.lengths[rows],
            whole.budget,
            WaveformDomain(),
        )
        self.allowed = self.attack.budget.radii(self.problem.originals)[:, None]

    def _within(self, changes: Tensor) -> Tensor:
        """The part of the changes that is in the band, no louder than allowed."""
        banded = self.attack.band(changes, self.problem.lengths)
        return self.attack.budget.project(banded, self.problem.originals)

    def _by_row(self, values: Tensor) -> Tensor:
        """Mean over the rooms."""
        return values.view(len(self.changes), -1).mean(-1)


class Air:
    """What lies between loudspeaker and listener: for each recording rooms, drawn by how badly they went, and noise.

    Args:
        rooms: impulse responses `(rooms, taps)`.
        count: recordings.
        batch: rooms for each of them at once.
        seed: of the draws.
    """

    def __init__(self, rooms: Tensor, count: int, batch: int, seed: int) -> None:
        self.rooms, self.batch = rooms, batch
        self.generators = [torch.Generator().manual_seed(seed * 1000 + row) for row in range(count)]
        self.latest = torch.full((count, len(rooms)), UNTRIED)
        self.chosen = torch.zeros(count, batch, dtype=torch.int64)

    def rows(self, indices: Tensor) -> "Air":
        """What lies between some of the recordings and the listener; the draws go on."""
        part = copy(self)
        part.generators = [self.generators[row] for row in indices.tolist()]
        part.latest = self.latest[indices.cpu()]
        return part

    def noise(self, lengths: Tensor) -> Tensor:
        """Of variance 1 for each recording, right-padded: `(recordings, samples)`."""
        sizes = zip(lengths.tolist(), self.generators, strict=True)
        return pad([torch.randn(size, generator=generator) for size, generator in sizes])[0].to(lengths.device)

    def play(self, waveforms: Tensor, lengths: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """What is heard of `waveforms (recordings, samples)` with white noise of `noise (recordings, 1)` times their
        root mean square, `(recordings·batch, samples)`, and whose row each is.
        """
        drawn = [
            torch.multinomial(weights.clamp(min=1e-6), self.batch, generator=generator)
            for weights, generator in zip(self.latest, self.generators, strict=True)
        ]
        self.chosen = torch.stack(drawn)
        rows = torch.arange(len(waveforms), device=waveforms.device).repeat_interleave(self.batch)
        loudness = torch.sqrt(energy(waveforms.detach()) / lengths)[:, None]
        hiss = noise * loudness * self.noise(lengths)
        played = reverberate(waveforms[rows], self.rooms[self.chosen.flatten()].to(waveforms)) + hiss[rows]
        return zero_padding(played, lengths[rows]), rows

    def remember(self, losses: Tensor) -> None:
        """How each of the recordings fared in its rooms: `(recordings·batch,)`, as `play` gave them."""
        self.latest.scatter_(1, self.chosen, losses.cpu().view_as(self.chosen).float())


def _normalised(waveforms: Tensor) -> Tensor:
    return waveforms / torch.sqrt(energy(waveforms) + 1e-30)[:, None]
