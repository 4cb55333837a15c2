"""What the benchmark measures."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

GENERATOR, SEARCHES, GRADIENTS = "generator", ("genetic", "swarm"), ("fgsm", "pgd", "opt")
METHODS = (GENERATOR, *SEARCHES, *GRADIENTS)
MATCHED = {search: f"{search}, matched" for search in SEARCHES}
"""The searches with the published mean SNR as their least; see the benchmark `searches`."""
GRADIENT_SNR = 20.0
"""Minimum SNR of the gradient attacks in dB."""
GRADIENT_STEPS = 50
SWARM_EPOCHS = 10
"""The published 300 are 225,000 queries per clip."""
MUTATION = 0.003
"""Share of the samples that the matched genetic search mutates, chosen on validation clips."""
MATCHED_EPOCHS = 50
"""Of the matched swarm."""
THREADS = 2
"""Threads of the timing."""
SEARCHED = 4
"""Clips that the timed searches attack together."""


@dataclass(frozen=True)
class Plan:
    """What the benchmark runs on.

    Attributes:
        domain: "commands" or "music"; selects the published values.
        corpus: manifest or folder of labelled recordings, whose test split is used.
        classifier: name or path of the classifier.
        generator: name or path of the generator.
        searched: clips of each source label that each method except the generator attacks, per target.
        seed: seed of the searches and of the noise.
        attacked: names or paths of the classifiers that the generator was trained on, for the table of families.
        left_out: those that had no part in making it.
    """

    domain: str
    corpus: Path
    classifier: str
    generator: str
    searched: int = 1
    seed: int = 0
    attacked: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """A method and a target; `method=""` is the classifier on clean clips."""

    plan: Plan
    method: str
    target: str

    @property
    def name(self) -> str:
        return f"{self.method or 'clean'}-{self.target}"


@dataclass(frozen=True)
class Example:
    """Signals of one clip for figure 7."""

    plan: Plan
    name: str = "example"


@dataclass(frozen=True)
class Families:
    """What other classifiers make of the generator's clips with one target, and of plain noise."""

    plan: Plan
    target: str

    @property
    def name(self) -> str:
        return f"families-{self.target}"


@dataclass(frozen=True)
class Timing:
    """Times, measured while nothing else runs."""

    plan: Plan
    name: str = "timing"


def jobs(plan: Plan, labels: Sequence[str]) -> list[Job | Example | Families]:
    """Everything that is measured, except times."""
    families = [Families(plan, label) for label in labels] if plan.attacked or plan.left_out else []
    methods = [Job(plan, name, label) for name in METHODS for label in labels]
    return [Job(plan, "", "all"), Example(plan), *families, *methods]
