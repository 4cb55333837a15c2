"""Where a file was protected, but not well: what a person has to know before passing it on."""

from sottovoce.protections.against_understanding import MOST, Misheard
from sottovoce.protections.report import Effect
from sottovoce.protections.voice import Hidden
from sottovoce.protections.words_and_voice import Both


def doubts(effect: Effect) -> list[str]:
    """Who still gets the words, or the voice, though everything was done.

    Args:
        effect: of a protection, measured on the written file.
    """
    if isinstance(effect, Both):
        return [*_words(effect.words), *_voice(effect.voice)]
    if isinstance(effect, Misheard):
        return _words(effect)
    return _voice(effect) if isinstance(effect, Hidden) else []


def _words(effect: Misheard) -> list[str]:
    rates = {name: each.rates() for name, each in {**effect.attacked, **effect.unseen}.items()}
    still = [name for name, each in rates.items() if each and min(each.values()) < MOST]
    return _told(still, len(rates), "understands", "understand", "most of what is said")


def _voice(effect: Hidden) -> list[str]:
    everybody = {**effect.attacked, **effect.unseen, **effect.asked}
    if not any(effect.voiced):
        return ["no voice was found in it, so nothing is claimed about who speaks"]
    still = [
        name
        for name, each in everybody.items()
        if any(likeness.recognised for likeness, voiced in zip(each, effect.voiced, strict=True) if voiced)
    ]
    return _told(still, len(everybody), "recognises", "recognise", "the voice")


def _told(names: list[str], total: int, one: str, several: str, what: str) -> list[str]:
    if not names:
        return []
    how = "not protected" if len(names) == total else "only partly protected"
    who = f"{names[0]} still {one}" if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]} still {several}"
    return [f"{how}: {who} {what}; try more strength or more effort"]
