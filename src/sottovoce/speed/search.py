"""What a search will cost, from one timed step."""

import time
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple, Self

import torch
from torch import Tensor, nn

from sottovoce.attacks.base import frozen
from sottovoce.audio.batch import full_lengths
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.audio.windows import WINDOW
from sottovoce.evaluation.voice import Judge
from sottovoce.models.chain import device_of
from sottovoce.models.loading import load_listener
from sottovoce.protections.against_encoders import AgainstEncoders
from sottovoce.protections.against_understanding import AgainstUnderstanding
from sottovoce.protections.presets import Effort, Strength, crossing
from sottovoce.protections.words_and_voice import AgainstBoth
from sottovoce.speed.timing import SECONDS, batch, take_turns
from sottovoce.threats.objectives import Objective

SHORT, LONG = 1, 5
"""Seconds of speech on which a step is timed."""
COMPARED = 10
"""Steps that are compared with bare passes."""


Aim = AgainstUnderstanding | AgainstEncoders | AgainstBoth


class StepCost(NamedTuple):
    """Computing time of one step of a search.

    Whisper hears each window with 10 s of silence after it, so that a second alone takes several times its share of a
    window: a window costs something by itself, and each second adds something. What is done once a window, such as
    hearing its words, comes on top.

    Attributes:
        window: seconds that a window takes by itself.
        second: seconds that each second of it adds.

    Example:
        >>> StepCost(0.5, 0.25).of(2.0)
        1.0
    """

    window: float
    second: float

    @classmethod
    def measured(cls, aim: Aim) -> Self:
        """What steps on two lengths of speech take, after one to warm up."""
        _, short, long = (_step(aim, seconds) for seconds in (SHORT, SHORT, LONG))
        second = max(0.0, long - short) / (LONG - SHORT)
        return cls(max(0.0, short - SHORT * second), second)

    def of(self, seconds: float) -> float:
        """Seconds of a step on a recording; windows overlap a little, which is left out."""
        return max(1.0, seconds * MODEL_RATE / WINDOW) * self.window + seconds * self.second


def seconds_per_second(aim: Aim) -> float:
    """Estimated computing time in seconds per second of a recording that is longer than a window."""
    window = WINDOW / MODEL_RATE
    return aim.steps * StepCost.measured(aim).of(window) / window


def against_words(*names: str) -> AgainstUnderstanding:
    """The search of `protect words` on these recognisers, with the few steps that are compared."""
    listeners = {name: load_listener(name) for name in names}
    return AgainstUnderstanding(listeners, friends={}, witnesses={}, snr=Strength.MEDIUM.snr, steps=COMPARED, seed=0)


def against_voice(*names: str) -> AgainstEncoders:
    """The search of `protect voice` on these speaker encoders, with the few steps that are compared."""
    return AgainstEncoders([Judge.load(name) for name in names], snr=Strength.MEDIUM.voice_snr, steps=COMPARED)


def compared(aim: Aim) -> dict[str, float]:
    """The search in seconds per second of audio at normal effort, and as a ratio to bare passes.

    A bare pass is a forward and a backward pass of the objectives, as often as the search takes a step.
    """
    waveforms = batch()[:1]
    lengths = full_lengths(waveforms)
    listeners, objectives = aim.goals(waveforms, lengths)

    def bare() -> None:
        with frozen(listeners):
            for _ in range(COMPARED):
                _pass(listeners, objectives, waveforms, lengths)

    search = crossing(aim.snr, steps=COMPARED)
    found = take_turns({"bare": bare, "ours": partial(search, listeners, waveforms, objectives, lengths=lengths)})
    steps = Effort.NORMAL.steps / COMPARED
    return {"seconds": steps * found["ours"] / SECONDS, "ratio": found["ours"] / found["bare"]}


def announcement(aim: Aim) -> str:
    """The same in a line for people."""
    count = len(aim.everybody)
    listeners = f"{count} listener{'' if count == 1 else 's'}"
    steps = f"{aim.steps} step{'' if aim.steps == 1 else 's'}"
    figure = f"{seconds_per_second(aim):.2g}"
    told = f"At least {float(figure):g} s of computing per second of audio ({steps} on {listeners})"
    if isinstance(aim, AgainstEncoders):
        return f"{told}."
    return f"{told}; more for recordings of less than {WINDOW // MODEL_RATE} s."


def _step(aim: Aim, seconds: int) -> float:
    """Seconds that one step takes on so many seconds of speech."""
    device = device_of(aim.everybody[0])
    waveforms = batch()[:1, : seconds * MODEL_RATE].to(device)
    lengths = full_lengths(waveforms)
    listeners, objectives = aim.goals(waveforms, lengths)
    ended = list[float]()
    attack = crossing(aim.snr, steps=1, progress=lambda _: ended.append(time.perf_counter()))
    start = time.perf_counter()
    attack(listeners, waveforms, objectives, lengths=lengths)
    return ended[0] - start


def _pass(listeners: Sequence[nn.Module], objectives: Sequence[Objective], waveforms: Tensor, lengths: Tensor) -> None:
    """Forward and backward through every listener, one after the other."""
    inputs = waveforms.clone().requires_grad_()
    for listener, objective in zip(listeners, objectives, strict=True):
        loss = objective.loss(listener(inputs, lengths), waveforms, lengths).sum()
        torch.autograd.grad(loss, inputs)[0].sum().item()  # waits for a GPU
