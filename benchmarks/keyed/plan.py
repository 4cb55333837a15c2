"""Who tries to take the perturbation off."""

from dataclasses import dataclass
from pathlib import Path

RECORDED, PROTECTED = "recorded", "protected"
KEY, OTHER_KEY = "the key", "another key"
IGNORANT, SEMI_INFORMED, SEARCHED = "public removal", "trained without the key", "search for the key"
PAIRS = {"1 pair": 1, "10 pairs": 10, "100 pairs": 100}
KINDS = (RECORDED, PROTECTED, KEY, OTHER_KEY, IGNORANT, SEMI_INFORMED, SEARCHED, *PAIRS)


@dataclass(frozen=True)
class Plan:
    """What rows depend on.

    Attributes:
        data: folder of the corpora.
        generator: name or path of the keyed generator.
        attacker: name or path of a removal module for it that was trained without a key.
        unkeyed: name or path of a generator that everybody can undo, for its removal module.
        encoders: who compares voices.
        count: number of speakers.
        seed: of keys, trials and the attackers' pairs.
    """

    data: Path
    generator: str
    attacker: str
    unkeyed: str
    encoders: tuple[str, ...]
    count: int
    seed: int


@dataclass(frozen=True)
class Job:
    """Files of one kind.

    Attributes:
        plan: see `Plan`.
        kind: one of `KINDS`.
    """

    plan: Plan
    kind: str

    @property
    def name(self) -> str:
        """Unique; the name of the file with its rows."""
        return self.kind.replace(" ", "-")
