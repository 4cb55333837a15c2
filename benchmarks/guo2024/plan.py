"""What the benchmark measures."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.guo2024.signals import (
    ADVERSARIAL,
    INVERTED,
    OPTIMISED,
    PURIFIED,
    RECORDED,
    REFINED,
    RESTORED,
    SEMI_INFORMED,
    Signal,
)

CORPORA = ("librispeech-test-clean", "librispeech-test-other")
ENCODERS = ("resemblyzer", "ecapa-tdnn")
GENERATORS = ("ssed-ecapa-tdnn", "ssed-resemblyzer")
ATTACKER = "ssed-attacker"
"""A removal module trained on the output of the first generator alone."""
PER_UTTERANCE, PER_SPEAKER = "per utterance", "per speaker"
SEXES = {"M": "men", "F": "women", "": "all"}


@dataclass(frozen=True)
class Material:
    """What processed recordings depend on besides the signal, whoever listens; see `Plan`."""

    data: Path
    models: tuple[str, ...]
    attacker: str
    seed: int


@dataclass(frozen=True)
class Plan:
    """What the benchmark runs on.

    Attributes:
        data: folder with the corpora librispeech-test-clean and librispeech-test-other.
        models: names or paths of generators; the output of the first one is also purified, attacked and compared with
            optimisation.
        attacker: name or path of a removal module that was trained on the first generator's output; empty for none.
        encoders: speaker encoders that listen, and that are optimised against.
        further: speaker encoders that only listen.
        whisper: name or folder of a Whisper that listens beside pocketsphinx; None leaves it out.
        seed: seed of trials and noise.
    """

    data: Path
    models: tuple[str, ...] = GENERATORS
    attacker: str = ATTACKER
    encoders: tuple[str, ...] = ENCODERS
    further: tuple[str, ...] = ()
    whisper: str | None = None
    seed: int = 0

    @property
    def listeners(self) -> tuple[str, ...]:
        """All speaker encoders."""
        return (*self.encoders, *self.further)

    @property
    def material(self) -> Material:
        """What processed recordings depend on."""
        return Material(self.data, self.models, self.attacker, self.seed)


@dataclass(frozen=True)
class Job:
    """One signal on one corpus; `signal=None` is the bit-exact restoration."""

    plan: Plan
    corpus: str
    signal: Signal | None

    @property
    def name(self) -> str:
        return f"{self.signal.name if self.signal else 'exact'}@{self.corpus}"


def signals(plan: Plan) -> list[Signal]:
    """Everything that is tested; the unchanged recordings come first."""
    first = plan.models[0]
    found = [Signal(RECORDED)]
    found += [Signal(kind, model) for model in plan.models for kind in (ADVERSARIAL, RESTORED, REFINED, PURIFIED[0])]
    found += [Signal(kind, first) for kind in (*PURIFIED[1:], INVERTED)]
    found += [Signal(SEMI_INFORMED, first, plan.attacker)] if plan.attacker else []
    return found + [Signal(kind, first, encoder) for encoder in plan.encoders for kind in OPTIMISED]


def jobs(plan: Plan) -> list[Job]:
    """Everything that is measured."""
    return [Job(plan, name, signal) for signal in [*signals(plan), None] for name in CORPORA]
