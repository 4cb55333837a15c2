"""What is protected, how, and who listens."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CLEAN, NOISY = "clean", "8 dB"
MATERIALS = (CLEAN, NOISY)
SNR = 8.0
"""Of the mixtures, in dB."""
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "medium": {},
    "light": {"strength": "light"},
    "strong": {"strength": "strong"},
    "whisper-tiny.en alone": {"against": ("whisper-tiny.en",)},
    "surrogate only": {"against": ("whisper-student",)},
    "keep whisper-base": {"keep": ("whisper-base",)},
}
"""Arguments of `Words` by the name of a row."""
JUDGE = "whisper-base"
"""Who listens behind enhancers and codecs."""


@dataclass(frozen=True)
class Plan:
    """What rows depend on.

    Attributes:
        data: folder of the corpora.
        split: "test", or "valid" to choose settings.
        count: speakers of each material.
        seed: of the mixtures and the searches.
        recognisers: who listens to files as they are.
        enhancers: what stands before the judge.
    """

    data: Path
    split: str
    count: int
    seed: int
    recognisers: tuple[str, ...]
    enhancers: tuple[str, ...]


@dataclass(frozen=True)
class Job:
    """Files of one kind from one material.

    Attributes:
        plan: see `Plan`.
        kind: `ORIGINAL`, `NOISE` or a key of `SETTINGS`.
        material: one of `MATERIALS`.
    """

    plan: Plan
    kind: str
    material: str

    @property
    def name(self) -> str:
        """Unique; the name of the file with its rows."""
        return f"{self.kind}@{self.material}".replace(" ", "-")
