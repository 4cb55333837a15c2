"""What is protected, how, and who compares voices."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sottovoce.protections.voice import Voice
from sottovoce.protections.words_and_voice import WordsAndVoice

SETTINGS: Mapping[str, partial[Voice] | partial[WordsAndVoice]] = {
    "medium": partial(Voice),
    "light": partial(Voice, strength="light"),
    "strong": partial(Voice, strength="strong"),
    "one pass": partial(Voice, effort="low"),
    "all but resemblyzer": partial(Voice, ("ecapa-tdnn", "campplus")),
    "all but campplus": partial(Voice, ("ecapa-tdnn", "resemblyzer")),
    "all but ecapa-tdnn": partial(Voice, ("resemblyzer", "campplus")),
    "words too": partial(WordsAndVoice.chosen),
}
"""Protections by the name of a row. The first three attack all three encoders, and so does the last, whose words are
hidden as well."""


@dataclass(frozen=True)
class Plan:
    """What rows depend on.

    Attributes:
        data: folder of the corpora.
        split: "test", or "valid" to choose settings.
        count: speakers.
        seed: of the trials.
        encoders: who compares voices.
        recognisers: who writes down what is said, which should stay as it is.
    """

    data: Path
    split: str
    count: int
    seed: int
    encoders: tuple[str, ...]
    recognisers: tuple[str, ...]


@dataclass(frozen=True)
class Job:
    """Files of one kind.

    Attributes:
        plan: see `Plan`.
        kind: `ORIGINAL`, `NOISE` or a key of `SETTINGS`.
    """

    plan: Plan
    kind: str

    @property
    def name(self) -> str:
        """Unique; the name of the file with its rows."""
        return self.kind.replace(" ", "-")
