"""How long a protection will take on this machine, told before it begins."""

import time
from functools import cache

from sottovoce.protections.presets import Effort, Strength
from sottovoce.speed.search import Aim, StepCost
from sottovoce.speed.timing import SECONDS, batch
from sottovoce.web.choices import VOICE, Choice


def seconds(what: str, effort: Effort, durations: list[float]) -> float:
    """Estimated computing time of a protection.

    Args:
        what: words, voice or both.
        effort: how long to search.
        durations: of the recordings in seconds.
    """
    if Choice(what, Strength.MEDIUM, effort).searches:
        return effort.steps * sum(_step(what).of(length) for length in durations)
    return _pass() * sum(durations)


def in_words(seconds: float) -> str:
    """A time for people.

    Example:
        >>> in_words(0.3), in_words(42.0), in_words(200.0), in_words(9000.0)
        ('a few seconds', '40 s', '3 min', '2.5 h')
    """
    if seconds < 5:
        return "a few seconds"
    if seconds < 90:
        return f"{5 * round(seconds / 5)} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def line(what: str, durations: list[float]) -> str:
    """What each effort will take for some recordings."""
    told = [f"{effort}: about {in_words(seconds(what, effort, durations))}" for effort in Effort]
    total = sum(durations)
    length = f"{total:.0f} s" if total < 90 else f"{total / 60:.0f} min"
    return f"For {length} of sound on this computer: {'; '.join(told)}."


@cache
def _step(what: str) -> StepCost:
    aim = Choice(what, Strength.MEDIUM, Effort.NORMAL).protection().aim
    assert isinstance(aim, Aim)
    return StepCost.measured(aim)


@cache
def _pass() -> float:
    """Seconds of a generator's pass per second of audio."""
    protection = Choice(VOICE, Strength.MEDIUM, Effort.LOW).protection()
    speech = batch()[:1]
    protection.perturb(speech, lambda _: None)
    start = time.perf_counter()
    protection.perturb(speech, lambda _: None)
    return (time.perf_counter() - start) / SECONDS
