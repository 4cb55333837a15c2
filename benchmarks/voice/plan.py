"""What is protected, how, and who compares voices."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "medium": {},
    "light": {"strength": "light"},
    "strong": {"strength": "strong"},
    "one pass": {"effort": "low"},
    "all but resemblyzer": {"against": ("ecapa-tdnn", "campplus")},
    "all but campplus": {"against": ("ecapa-tdnn", "resemblyzer")},
    "all but ecapa-tdnn": {"against": ("resemblyzer", "campplus")},
}
"""Arguments of `Voice` by the name of a row. The first three attack all three encoders."""


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
