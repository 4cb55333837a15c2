"""What a person chooses on the page, in plain words, and the protection that it stands for."""

from dataclasses import dataclass
from functools import lru_cache

from sottovoce.protections.presets import Effort, Strength
from sottovoce.protections.voice import Voice
from sottovoce.protections.words import Words
from sottovoce.protections.words_and_voice import WordsAndVoice

WORDS, VOICE, BOTH = "words", "voice", "both"

WHAT = {
    WORDS: "What is said: speech recognition writes other words",
    VOICE: "Who speaks: speaker recognition hears somebody else",
    BOTH: "Both: what is said and who speaks; can be heard more clearly",
}
STRENGTHS = {
    Strength.LIGHT: "Light: hardly anything can be heard; protects least",
    Strength.MEDIUM: "Medium: a faint rustle under the voice",
    Strength.STRONG: "Strong: a clear rustle; protects most",
}
EFFORTS = {
    Effort.LOW: "Low: quick and weak; for a voice alone a single pass, whatever the strength",
    Effort.NORMAL: "Normal: what we measured our results with",
    Effort.HIGH: "High: a long search, about three times as long as normal",
}


@dataclass(frozen=True)
class Choice:
    """What to hide, how much of it may be heard, and how long to search.

    Example:
        >>> Choice(VOICE, Strength.MEDIUM, Effort.LOW).searches
        False
    """

    what: str
    strength: Strength
    effort: Effort

    @property
    def searches(self) -> bool:
        """Whether a search is needed; with low effort, a voice alone is hidden in a single pass."""
        return self.what != VOICE or self.effort is not Effort.LOW

    def protection(self) -> Words | Voice | WordsAndVoice:
        """The protection, with its networks loaded once for several files.

        Raises:
            SottovoceError: a network is missing or damaged.
        """
        return _protection(self)


@lru_cache(maxsize=3)
def _protection(choice: Choice) -> Words | Voice | WordsAndVoice:
    if choice.what == VOICE:
        # a single pass is as strong as it is, so that no strength can be chosen for it
        return Voice(strength=choice.strength if choice.searches else None, effort=choice.effort)
    make = Words if choice.what == WORDS else WordsAndVoice.chosen
    return make(strength=choice.strength, effort=choice.effort)
