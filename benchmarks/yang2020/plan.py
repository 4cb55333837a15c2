"""What the recognition bench runs on."""

from dataclasses import dataclass
from pathlib import Path

from torch import Tensor, nn

from benchmarks.mixtures import Mixtures, mixtures
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
"""Ends the names of adversarially trained models."""
QUIET = 100.0
"""dB of SNR at which a mixture counts as clean."""
ROOMS_OF_TEST, FURTHER_ROOMS = 5, 20


@dataclass(frozen=True)
class Plan:
    """What the bench runs on.

    Attributes:
        data: folder with the corpora an4, librispeech-test-clean and noise, as manifests or folders.
        recognizer: name or path of the recogniser; with "-adv", of the adversarially trained one.
        enhancers: names or paths that stand in front of it; each may have an adversarially trained "-adv".
        dtln: folder with DTLN's ONNX files, an enhancer of others; left out when None.
        count: utterances, one a speaker, at most: of LibriSpeech in noise for table 1, of AN4 for the attacks.
        steps: of Carlini and Wagner's attack.
        over_the_air: steps of the attack in rooms.
        snr: lowest SNR in dB of the attack in rooms.
        generations: of the evolutionary attack.
        seed: of rooms, noise and searches.
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
        """The untreated one and the adversarially trained one."""
        return self.recognizer, self.recognizer + TRAINED

    @property
    def systems(self) -> tuple[str, ...]:
        """Everything that may stand in front of a recogniser; "" for nothing."""
        trained = tuple(name + TRAINED for name in self.enhancers)
        return "", *self.enhancers, *trained, *(("dtln",) if self.dtln else ())

    def enhancer(self, name: str) -> nn.Module:
        """One of `systems`, none for ""."""
        if not name:
            return _Nothing()
        return DTLN(self.dtln) if name == "dtln" and self.dtln else load_enhancer(name)

    def utterances(self) -> Mixtures:
        """Clean speech of unseen speakers that the recogniser is made for."""
        return mixtures(self.data, QUIET, count=self.count, seed=self.seed, spoken="an4")

    def rooms(self) -> Tensor:
        """Impulse responses of the test; none of them is the attack's, whose seeds are even."""
        return self._rooms()[:ROOMS_OF_TEST]

    def further_rooms(self) -> Tensor:
        """More of the kind, which say how far the few of `rooms` can be trusted."""
        return self._rooms()[ROOMS_OF_TEST:]

    def _rooms(self) -> Tensor:
        return simulated_rooms(ROOMS_OF_TEST + FURTHER_ROOMS, seed=2 * self.seed + 1)

    def attack(self, name: str, recognizer: CTCRecognizer) -> Attack:
        """One of `ATTACKS` on a recogniser, or "" for the one whose SNR is sought."""
        match name:
            case "gradient":
                return in_rooms(self.snr, TARGET, recognizer, steps=self.over_the_air, seed=self.seed)
            case "evolutionary":
                return Evolutionary(seed=self.seed, generations=self.generations, channel=BandPass())
        return quietest(TARGET, recognizer, steps=self.steps)


class _Nothing(nn.Module):
    """Stands where no enhancer stands."""

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        return waveforms
