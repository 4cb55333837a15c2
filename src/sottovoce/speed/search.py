"""What a search against recognisers will cost, from one timed step."""

import time

import torch

from sottovoce.attacks.base import frozen
from sottovoce.audio.batch import full_lengths
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.audio.windows import WINDOW
from sottovoce.models.chain import device_of
from sottovoce.protections.against_understanding import AgainstUnderstanding
from sottovoce.speed.timing import batch

SHORT, LONG = 1, 4
"""Seconds of speech on which a step is timed."""


def seconds_per_second(aim: AgainstUnderstanding) -> float:
    """Estimated computing time in seconds per second of a recording that is longer than a window.

    A step is a forward and a backward pass through every listener. Whisper hears each window with 10 s of silence
    after it, so that a second alone takes several times its share of a window: steps on two lengths give what a window
    costs by itself, and what each second adds.
    """
    short, long = (_step(aim, seconds) for seconds in (SHORT, LONG))
    window = WINDOW / MODEL_RATE
    each = max(0.0, long - short) / (LONG - SHORT)
    return aim.steps * (short + each * (window - SHORT)) / window


def announcement(aim: AgainstUnderstanding) -> str:
    """The same in a line for people."""
    count = len(aim.ears) + len(aim.fronts) + len(aim.friends)
    listeners = f"{count} listener{'' if count == 1 else 's'}"
    steps = f"{aim.steps} step{'' if aim.steps == 1 else 's'}"
    figure = f"{seconds_per_second(aim):.2g}"
    return (
        f"About {float(figure):g} s of computing per second of audio ({steps} on {listeners}); "
        f"more for recordings of less than {WINDOW // MODEL_RATE} s."
    )


def _step(aim: AgainstUnderstanding, seconds: int) -> float:
    """Seconds that one step takes on so many seconds of speech."""
    device = device_of(next(iter(aim.ears.values())))
    waveforms = batch()[:1, : seconds * MODEL_RATE].to(device)
    lengths = full_lengths(waveforms)
    listeners, objectives = aim.goals(waveforms, lengths)
    inputs = waveforms.clone().requires_grad_()
    with frozen(listeners):
        start = time.perf_counter()
        for listener, objective in zip(listeners, objectives, strict=True):
            loss = objective.loss(listener(inputs, lengths), waveforms, lengths).sum()
            torch.autograd.grad(loss, inputs)[0].sum().item()  # waits for a GPU
        return time.perf_counter() - start
