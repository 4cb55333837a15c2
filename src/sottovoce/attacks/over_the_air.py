"""Targeted attack that survives being played in a room (Yakura and Sakuma, 2019)."""

from collections.abc import Callable

import torch
from torch import Tensor

from sottovoce.attacks.base import AttackResult, Problem, Victims, faded, frozen
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
QUIET_START = 0.1
"""Of the allowed perturbation."""
UNTRIED = 1e6
"""Loss that stands for that of a room not tried yet: such rooms are drawn first."""


class OverTheAir:
    """Descends on the mean loss over rooms and white noise that grows as the attack succeeds, at a given loudness.

    The perturbation is band-passed, added, played in `batch` rooms drawn in proportion to how badly each went the last
    time (those not tried yet first), and disturbed by noise.

    The authors let Adam find how loud it must be, with a decay in place of the norm's penalty, and keep the last
    perturbation that most rooms heard. Here the SNR is given, so that attacks can be compared; a step goes along the
    normalised gradient's moving mean, down to a fiftieth of its length at the end; and the last perturbation is the
    one, since the loss falls fastest while the steps shorten. With 200 steps at 10 dB, the first of 0.1, the CTC loss
    comes to 0.3 a letter, and by Adam on the gradient's sign to 0.5.

    Args:
        rooms: impulse responses `(rooms, taps)`.
        seed: of the rooms drawn, the noise and the start; what a recording gets does not depend on those beside it.
        snr: 10·log10(Σ x² / Σ δ²) in dB that is allowed.
        band: what the perturbation goes through.
        batch: rooms a step, for each recording.
        step: the first step's length as a share of the largest perturbation allowed.
        steps: how many.
        progress: called after every step with its number, from 1.
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
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.rooms, self.seed, self.budget, self.band = rooms, seed, SNRFloor(snr), band or BandPass()
        self.batch, self.step, self.steps, self.progress = min(batch, len(rooms)), step, steps, progress

    def __call__(
        self, victim: Victims, waveforms: Tensor, objective: Objective, *, lengths: Tensor | None = None
    ) -> AttackResult:
        problem = Problem(victim, waveforms, objective, lengths, self.budget, WaveformDomain())
        air = Air(self.rooms, len(problem.originals), self.batch, self.seed)
        with frozen(problem.victims):
            self._descend(problem, air)
            return problem.result()

    def _descend(self, problem: Problem, air: "Air") -> None:
        originals = problem.originals
        allowed = self.budget.radii(originals)[:, None]
        changes = self._within(problem, QUIET_START * allowed * _normalised(air.noise(problem.lengths)))
        clarity, direction = torch.ones_like(allowed), torch.zeros_like(originals)
        for number in range(self.steps):
            changes.requires_grad_()
            candidates = problem.waveforms(originals + self._within(problem, changes))
            heard, rows = air.play(candidates, problem.lengths, LOUDEST_NOISE * (1.0 - clarity))
            answers = problem.ask(heard, rows)
            losses = answers.losses()
            (gradient,) = torch.autograd.grad(losses.sum(), changes)
            air.remember(losses.detach())
            with torch.no_grad():
                if number % EVERY == 0:
                    clarity[answers.met().view(len(originals), -1).float().mean(-1) > 0.5] *= FAINTER
                direction = MOMENTUM * direction + (1.0 - MOMENTUM) * _normalised(gradient)
                length = self.step * faded(number, self.steps, LAST_STEP) * allowed
                changes = self._within(problem, changes - length * _normalised(direction))
            if self.progress:
                self.progress(number + 1)
        problem.best = problem.waveforms(originals + changes)

    def _within(self, problem: Problem, changes: Tensor) -> Tensor:
        """The part of the changes that is in the band, no louder than allowed."""
        return self.budget.project(self.band(changes, problem.lengths), problem.originals)


class Air:
    """What lies between loudspeaker and victim: for each recording rooms, drawn by how badly they went, and noise.

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
