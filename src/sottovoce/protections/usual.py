"""Whom words and voices are protected from unless listeners are named: those that are on this machine."""

from collections.abc import Collection, Iterable

from sottovoce.models.registry import listeners

RECOGNISER = "whisper-tiny.en"
"""What is made on it crosses to other recognisers, and through enhancers and codecs (docs/decisions.md)."""
SURROGATE = "whisper-student"
"""Helps it to cross to other families, and stands for it on a machine without it."""
WITNESSES = ("whisper-base", "pocketsphinx")
"""Recognisers that the usual search leaves out, the most accurate first."""
ENCODERS = ("ecapa-tdnn", "campplus", "resemblyzer")
"""Speaker encoders; the first is bundled."""


def usual_listeners(friends: Collection[str] = ()) -> list[str]:
    """Who is attacked: Whisper tiny.en, unless it is not here or should understand, and a bundled surrogate of it.

    Args:
        friends: names of recognisers that should go on understanding.

    Example:
        >>> usual_listeners(friends=["whisper-tiny.en"])
        ['whisper-student']
    """
    return [*_here(name for name in [RECOGNISER] if name not in friends), SURROGATE]


def usual_witnesses(attacked: Collection[str]) -> list[str]:
    """The most accurate recogniser that is here and was not attacked, alone; nobody if there is none.

    Args:
        attacked: names of listeners that are no witnesses.

    Example:
        >>> usual_witnesses(["whisper-base"])
        ['pocketsphinx']
    """
    return _here(name for name in WITNESSES if name not in attacked)[:1]


def usual_encoders() -> list[str]:
    """Whom a voice is hidden from: all speaker encoders that are here.

    An attack on some crosses to no other (docs/decisions.md), so that leaving one out would leave the voice to it.

    Example:
        >>> usual_encoders()[0]
        'ecapa-tdnn'
    """
    return _here(ENCODERS)


def usual_encoder_witnesses(attacked: Collection[str]) -> list[str]:
    """The speaker encoders that are here and were not attacked.

    Args:
        attacked: names of encoders that are no witnesses.

    Example:
        >>> usual_encoder_witnesses(["campplus", "resemblyzer"])
        ['ecapa-tdnn']
    """
    return _here(name for name in ENCODERS if name not in attacked)


def missing_recogniser() -> str | None:
    """What to tell somebody who has no Whisper that can be attacked; None if one is here."""
    if _here([RECOGNISER]):
        return None
    missing = listeners()[RECOGNISER].missing()
    return f"no real recogniser was attacked, only a bundled surrogate of Whisper; {RECOGNISER}: {missing}"


def missing_encoder() -> str | None:
    """What to tell somebody who has no third party's speaker encoder; None if one is here."""
    if len(_here(ENCODERS)) > 1:
        return None
    missing = listeners()[ENCODERS[1]].missing()
    return f"no third party's speaker encoder was attacked, only a bundled one; {ENCODERS[1]}: {missing}"


def _here(names: Iterable[str]) -> list[str]:
    known = listeners()
    return [name for name in names if known[name].missing() is None]
