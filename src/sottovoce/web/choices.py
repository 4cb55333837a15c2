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
    BOTH: "Both: what is said and who speaks",
}
STRENGTHS = {
    Strength.LIGHT: "Light: hardly anything can be heard; protects least",
    Strength.MEDIUM: "Medium: a faint rustle under the voice",
    Strength.STRONG: "Strong: a clear rustle; protects most",
}
EFFORTS = {
    Effort.LOW: "Low: quick and weak; for a voice a single pass, whatever the strength",
    Effort.NORMAL: "Normal: what we measured our results with",
    Effort.HIGH: "High: a long search, about three times as long as normal",
}


@dataclass(frozen=True)
class Choice:
    """What to hide, how much of it may be heard, and how long to search.

    Example:
        >>> Choice(VOICE, Strength.MEDIUM, Effort.LOW).searches
        []
    """

    what: str
    strength: Strength
    effort: Effort

    @property
    def searches(self) -> list[str]:
        """What a search is needed for; with low effort, a voice is hidden in a single pass."""
        wanted = [WORDS, VOICE] if self.what == BOTH else [self.what]
        return [each for each in wanted if each == WORDS or self.effort is not Effort.LOW]

    def protection(self) -> Words | Voice | WordsAndVoice:
        """The protection, with its networks loaded once for several files.

        Raises:
            SottovoceError: a network is missing or damaged.
        """
        return _protection(self)


@lru_cache(maxsize=3)
def _protection(choice: Choice) -> Words | Voice | WordsAndVoice:
    if choice.what == BOTH:
        words, voice = (Choice(each, choice.strength, choice.effort) for each in (WORDS, VOICE))
        return WordsAndVoice(_words(words), _voice(voice))
    return _words(choice) if choice.what == WORDS else _voice(choice)


def _words(choice: Choice) -> Words:
    return Words(strength=choice.strength, effort=choice.effort)


def _voice(choice: Choice) -> Voice:
    """A single pass is as strong as it is, so that no strength can be chosen for it."""
    return Voice(strength=choice.strength if choice.searches else None, effort=choice.effort)
