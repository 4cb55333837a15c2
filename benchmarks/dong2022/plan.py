"""What the benchmark measures."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.dong2022.conditions import ATTACKS, Condition
from benchmarks.dong2022.published import SNRS

MG, SEGAN = "metricgan-plus", "segan"
WHISPER = "whisper"
"""In the names of columns."""
TABLES = (
    Condition("opt", MG, "ours"),
    Condition("pgd", MG, "ours"),
    Condition("opt", SEGAN, "ours"),
    Condition("pgd", MG, "paper"),
    Condition("opt", MG, "paper"),
    Condition("pgd", SEGAN, "paper"),
    Condition("opt", SEGAN, "paper"),
    Condition("fgsm", MG, "paper"),
)
TRANSFERRED = tuple(c for c in TABLES if c == TABLES[0] or (c.attack, c.setting) == ("pgd", "paper"))
"""Conditions that are tested on all enhancers, not only on the enhancer attacked."""
CURVE = tuple(Condition(attack, MG, "ours", floor) for floor in (15.0, 25.0, 30.0) for attack in ATTACKS)
TARGETED = tuple(Condition("opt", MG, "target", floor) for floor in (0.0, 10.0, 15.0, 20.0))
ON_SEGAN = (
    *(Condition("opt", SEGAN, "ours", floor) for floor in (5.0, 10.0)),
    *(Condition("opt", SEGAN, "noise", floor) for floor in (10.0, 20.0)),
)
"""SEGAN resists what erases speech for MetricGAN+: louder perturbations, and noise instead of silence."""
CURVE_SNR = 8
"""SNR in dB of the mixtures for the trade-off, the targeted attack and the further attacks on SEGAN."""
SPARED = tuple(c for c in TABLES if c.setting == "paper" and c.attack in ATTACKS)
"""Conditions that pocketsphinx hears at `CURVE_SNR` alone if Whisper listens as well: on what is left of the speech it
takes about twice real time, more than the attack itself, and Whisper a tenth."""


@dataclass(frozen=True)
class Material:
    """What attacked recordings depend on, whoever listens; see `Plan`."""

    data: Path
    count: int
    seed: int


@dataclass(frozen=True)
class Plan:
    """What the benchmark runs on.

    Attributes:
        data: folder with the corpora librispeech-test-clean, noise and voicebank-demand.
        dtln: folder with DTLN's ONNX files, an enhancer that no attack sees; None leaves it out.
        whisper: name or folder of a Whisper that listens beside pocketsphinx; None leaves it out.
        count: mixtures at each SNR, one per speaker.
        seed: seed of the noise excerpts.
    """

    data: Path
    dtln: Path | None = None
    whisper: str | None = None
    count: int = 25
    seed: int = 0

    @property
    def material(self) -> Material:
        """What attacked recordings depend on."""
        return Material(self.data, self.count, self.seed)


@dataclass(frozen=True)
class Job:
    """A condition at one SNR of the mixtures; `condition=None` measures the enhancers without an attack."""

    plan: Plan
    snr: int
    condition: Condition | None

    @property
    def name(self) -> str:
        return at(self.condition, self.snr) if self.condition else f"baseline@{self.snr}"

    @property
    def by_whisper_alone(self) -> bool:
        """Whether pocketsphinx does not listen."""
        return self.plan.whisper is not None and self.condition in SPARED and self.snr != CURVE_SNR


@dataclass(frozen=True)
class Quality:
    """The enhancers on VoiceBank-DEMAND."""

    plan: Plan
    name: str = "quality"


def jobs(plan: Plan) -> list[Job | Quality]:
    """Everything that is measured: at 8 dB first, then at the other SNRs."""
    baselines = [Job(plan, snr, None) for snr in SNRS]
    tables = [Job(plan, snr, condition) for condition in TABLES for snr in reversed(SNRS)]
    at_one_snr = [Job(plan, CURVE_SNR, condition) for condition in (*CURVE, *TARGETED, *ON_SEGAN)]
    ordered = sorted(tables + at_one_snr + baselines, key=lambda j: (j.snr != CURVE_SNR, j.condition is not None))
    return [Quality(plan), *ordered]


def at(condition: Condition, snr: int) -> str:
    """The name of a condition's job at a mixture SNR in dB."""
    return f"{condition.slug}@{snr}"


def curve_of(attack: str) -> list[Condition]:
    """Our settings of an attack on MetricGAN+ at all perturbation SNRs, in ascending order."""
    ours = [c for c in (*CURVE, *TABLES) if (c.attack, c.enhancer, c.setting) == (attack, MG, "ours")]
    return sorted(ours, key=lambda condition: condition.floor)
