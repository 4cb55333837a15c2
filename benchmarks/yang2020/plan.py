"""What the benchmark measures."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from torch import Tensor, nn

from benchmarks.mixtures import Mixtures, mixtures
from benchmarks.rows import stem
from sottovoce.attacks import Attack, Evolutionary
from sottovoce.channels.band import BandPass
from sottovoce.channels.simulated import simulated_rooms
from sottovoce.models.enhancers import DTLN, load_enhancer
from sottovoce.protections.presets import in_rooms, quietest
from sottovoce.text.ctc import CTCRecognizer

TARGET = "OPEN THE DOOR"
GRADIENT, EVOLUTIONARY = "gradient", "evolutionary"
ATTACKS = (GRADIENT, EVOLUTIONARY)
TRAINED = "-adv"
"""Suffix of the names of adversarially trained models."""
QUIET = 100.0
"""SNR in dB of mixtures that count as clean."""
NOISE_SNRS = (0, 5, 10, 15)
TIMED_STEPS = 5
RECOGNIZERS = "wer", "wer with words", "pocketsphinx wer"
"""Columns on AN4's test set: our recogniser, the same with a beam search over known words, and pocketsphinx."""
ROOMS_OF_TEST, FURTHER_ROOMS = 5, 20


@dataclass(frozen=True)
class Plan:
    """What the benchmark runs on.

    Attributes:
        data: folder with the corpora an4, librispeech-test-clean and noise.
        recognizer: name or path of the recogniser; the adversarially trained one has the suffix "-adv".
        enhancers: names or paths of the enhancers in front of it; adversarially trained ones have the suffix "-adv".
        dtln: folder with DTLN's ONNX files, a third-party enhancer; None leaves it out.
        count: maximum number of utterances, one per speaker: of LibriSpeech for table 1, of AN4 for the attacks.
        steps: steps of Carlini and Wagner's attack.
        over_the_air: steps of the attack in rooms.
        snr: minimum SNR in dB of the attack in rooms.
        generations: generations of the evolutionary attack.
        seed: seed of rooms, noise and searches.
    """

    data: Path
    recognizer: str = "deep-speech"
    enhancers: tuple[str, ...] = ("dnn", "wave-unet", "unet-at")
    dtln: Path | None = None
    count: int = 10
    steps: int = 500
    over_the_air: int = 1000
    snr: float = 10.0
    generations: int = 50
    seed: int = 0

    @property
    def recognizers(self) -> tuple[str, str]:
        """The recogniser, and the adversarially trained one."""
        return self.recognizer, self.recognizer + TRAINED

    @property
    def systems(self) -> tuple[str, ...]:
        """Everything in front of a recogniser; "" is nothing."""
        trained = tuple(name + TRAINED for name in self.enhancers)
        return "", *self.enhancers, *trained, *(("dtln",) if self.dtln else ())

    def enhancer(self, name: str) -> nn.Module:
        """The network of one of `systems`."""
        if not name:
            return _Nothing()
        return DTLN(self.dtln) if name == "dtln" and self.dtln else load_enhancer(name)

    def utterances(self) -> Mixtures:
        """Clean speech of the recogniser's domain, by unseen speakers."""
        return mixtures(self.data, QUIET, count=self.count, seed=self.seed, spoken="an4")

    def rooms(self) -> Tensor:
        """Impulse responses of the test. The attack uses even seeds, the test odd ones."""
        return self._rooms()[:ROOMS_OF_TEST]

    def further_rooms(self) -> Tensor:
        """More such rooms, to check that the rates in `rooms` are representative."""
        return self._rooms()[ROOMS_OF_TEST:]

    def _rooms(self) -> Tensor:
        return simulated_rooms(ROOMS_OF_TEST + FURTHER_ROOMS, seed=2 * self.seed + 1)

    def attack(self, name: str, recognizer: CTCRecognizer) -> Attack:
        """One of `ATTACKS` on a recogniser; "" is the attack that looks for the smallest perturbation."""
        match name:
            case "gradient":
                return in_rooms(self.snr, TARGET, recognizer, steps=self.over_the_air, seed=self.seed)
            case "evolutionary":
                return Evolutionary(seed=self.seed, generations=self.generations, channel=BandPass())
        return quietest(TARGET, recognizer, steps=self.steps)


@dataclass(frozen=True)
class Job:
    """One measurement.

    Attributes:
        kind: "an4" for the recogniser without an attack, "noise" for table 1, "attack" for tables 2 to 4, "adaptive"
            for figure 3, "example" for the signals of figure 2.
        recognizer: name of the recogniser.
        what: SNR of the mixture, the attack or the enhancer, depending on the kind.
    """

    plan: Plan
    kind: Literal["an4", "noise", "attack", "adaptive", "example"]
    recognizer: str = ""
    what: str = ""

    @property
    def name(self) -> str:
        return "-".join(stem(word) for word in (self.kind, self.recognizer, self.what or "bare") if word)


@dataclass(frozen=True)
class Timing:
    """Times, measured while nothing else runs."""

    plan: Plan
    name: str = "timing"


def jobs(plan: Plan) -> list[Job]:
    """Everything that is measured except times; what the authors print comes first."""
    front = [name for name in plan.systems if name != "dtln"]
    trained = [name for name in front if name.endswith(TRAINED)]
    attacks = {attack: [Job(plan, "attack", each, attack) for each in plan.recognizers] for attack in ATTACKS}
    return [
        *(Job(plan, "an4", recognizer) for recognizer in plan.recognizers),
        *(Job(plan, "noise", what=str(snr)) for snr in NOISE_SNRS),
        *(Job(plan, "adaptive", plan.recognizer, name) for name in front if name not in trained),
        *attacks[GRADIENT],
        Job(plan, "example", plan.recognizer),
        *attacks[EVOLUTIONARY],
        *(Job(plan, "adaptive", plan.recognizer, name) for name in trained),
    ]


class _Nothing(nn.Module):
    """No enhancer."""

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        return waveforms
