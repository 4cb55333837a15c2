"""Our settings of the attacks: what `protect` runs, and what the benchmarks call "ours"."""

from collections.abc import Callable
from enum import StrEnum
from functools import cache

from torch import Generator, Tensor

from sottovoce.attacks import EOT, FGSM, OPT, PGD, Attack, CarliniWagner, OverTheAir
from sottovoce.attacks.base import INT16
from sottovoce.channels import RandomEqualizer, RandomShift
from sottovoce.channels.band import LOUDSPEAKER, BandPass
from sottovoce.channels.simulated import simulated_rooms
from sottovoce.models.chain import Chain
from sottovoce.text.ctc import CTCRecognizer
from sottovoce.threats.budgets import SNRFloor
from sottovoce.threats.domains import ShapedDomain
from sottovoce.threats.objectives import Erasure, Objective, Silence, SpectralSpeech, Speech
from sottovoce.threats.objectives.recognizers import Spell
from sottovoce.threats.penalties import CepstralChange, Penalty

ERASING_STEPS, TARGETED_STEPS = 60, 150
MOST_ROOMS, ROOMS_AT_ONCE = 1000, 4
LEAD_IN_ROOMS, CTC_IN_ROOMS = 2.0, 2 / 3
"""Margin of the lead in logits, larger than in files because rooms reduce it; and the share of the CTC loss, which
keeps all paths in play, because the best path differs between rooms."""
LARGEST_CHANGE = 4000 / INT16
"""First bound on every sample. The 2000 of Carlini and Wagner (2018) are too little for some recordings behind an
enhancer."""
LOOK_EVERY = 5
"""Steps between two checks for success. The 10 of Carlini and Wagner (2018) shrink the bound too slowly for a few
hundred steps."""
CROSSING_STEP = 0.1
"""Adam's first step on recognisers, in units of the recording's own magnitudes."""
LAST_STEP = 0.05
"""The last step's size as a share of the first's."""
Progress = Callable[[int], None]

SNR = 20.0
"""Minimum SNR in dB of a perturbation, unless another is chosen."""


class Strength(StrEnum):
    """How much of a perturbation may be heard.

    At medium, the median PESQ-wb of clean recordings is about 3.6 where words are hidden (in noise half a point
    higher), 3.5 for voices, and 3.1 for both.
    """

    LIGHT = "light"
    MEDIUM = "medium"
    STRONG = "strong"

    @property
    def snr(self) -> float:
        """Minimum SNR of the perturbation in dB, in the domain of `crossing`."""
        return {Strength.LIGHT: 30.0, Strength.MEDIUM: 25.0, Strength.STRONG: 20.0}[self]

    @property
    def surrogate_snr(self) -> float:
        """The same where a surrogate is attacked: what is made on it is rougher to the ear at the same SNR."""
        return {Strength.LIGHT: 33.0, Strength.MEDIUM: 28.0, Strength.STRONG: 23.0}[self]

    @property
    def voice_snr(self) -> float:
        """The same for a perturbation that hides a voice, which has to be louder for as much of an effect."""
        return {Strength.LIGHT: 25.0, Strength.MEDIUM: 20.0, Strength.STRONG: 16.0}[self]

    @property
    def both_snr(self) -> float:
        """The same for one that hides words as well, which is rougher to the ear."""
        return self.voice_snr + 1.0


class Effort(StrEnum):
    """How long a search lasts; for a voice, low is a generator's single pass."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"

    @property
    def steps(self) -> int:
        """Gradient steps of `crossing`."""
        return {Effort.LOW: 15, Effort.NORMAL: 30, Effort.HIGH: 100}[self]


class AttackName(StrEnum):
    """The attacks on enhancers, by their usual names."""

    OPT = "opt"
    PGD = "pgd"
    FGSM = "fgsm"


def erasing(
    name: AttackName, snr: float, *, steps: int = ERASING_STEPS, progress: Progress | None = None
) -> tuple[Attack, Objective]:
    """An attack after which an enhancer gives nothing intelligible, within an SNR in dB.

    PGD and OPT search in the shaped domain for `Erasure`, and `CepstralChange` keeps them from disturbing a friendly
    recogniser; FGSM, a single step, takes the published objective.
    """
    if name is AttackName.FGSM:
        return FGSM(budget=SNRFloor(snr)), Silence()
    return _search(name, snr, CepstralChange(), steps, progress), Erasure()


def targeted(
    name: AttackName, snr: float, target: Tensor, *, steps: int = TARGETED_STEPS, progress: Progress | None = None
) -> tuple[Attack, Objective]:
    """An attack after which an enhancer gives `target (batch, samples)`, within an SNR in dB.

    PGD and OPT search in the shaped domain for `SpectralSpeech`; FGSM, a single step, takes the published objective.
    """
    if name is AttackName.FGSM:
        return FGSM(budget=SNRFloor(snr)), Speech(target)
    return _search(name, snr, None, steps, progress), SpectralSpeech(target)


def _search(name: AttackName, snr: float, penalty: Penalty | None, steps: int, progress: Progress | None) -> PGD | OPT:
    budget, domain = SNRFloor(snr), ShapedDomain()
    if name is AttackName.PGD:
        return PGD(
            step=0.02, steps=steps, decay=LAST_STEP, budget=budget, domain=domain, penalty=penalty, progress=progress
        )
    return OPT(
        lr=0.05,
        steps=steps,
        alpha=1.0,
        decay=LAST_STEP,
        budget=budget,
        domain=domain,
        penalty=penalty,
        progress=progress,
    )


def steps_of(name: AttackName, *, is_targeted: bool) -> int:
    """The default number of steps of these settings, which is also how often they report progress."""
    if name is AttackName.FGSM:
        return 1
    return TARGETED_STEPS if is_targeted else ERASING_STEPS


def crossing(snr: float, *, steps: int, progress: Progress | None = None) -> EOT:
    """An attack on listeners that may be random, within an SNR in dB; what it makes crosses to others.

    The perturbation has the recording's own spectrum, which is quieter to the ear at the same SNR than a flatter one
    and crosses better (docs/decisions.md).
    """
    return EOT(
        lr=CROSSING_STEP,
        steps=steps,
        decay=LAST_STEP,
        budget=SNRFloor(snr),
        domain=ShapedDomain(1.0),
        progress=progress,
    )


def displaced(generator: Generator) -> Chain:
    """A random delay of up to one frame of Whisper's states, and a random equaliser; others for every step."""
    return Chain(RandomShift(generator=generator), RandomEqualizer(generator=generator))


@cache
def _rooms(count: int, seed: int) -> Tensor:
    return simulated_rooms(count, seed=seed)


def quietest(text: str, recognizer: CTCRecognizer, *, steps: int, progress: Progress | None = None) -> CarliniWagner:
    """An attack after which a recogniser writes a text, as quietly as possible."""
    return CarliniWagner(
        bound=LARGEST_CHANGE, steps=steps, every=LOOK_EVERY, ending=Spell([text], recognizer), progress=progress
    )


def in_rooms(
    snr: float, text: str, recognizer: CTCRecognizer, *, steps: int, seed: int = 0, progress: Progress | None = None
) -> OverTheAir:
    """An attack after which a recogniser writes a text in rooms, within an SNR in dB.

    The rooms are simulated; the band is that of a small loudspeaker.
    """
    return OverTheAir(
        _rooms(count_rooms(steps), 2 * seed),
        seed=seed,
        snr=snr,
        band=BandPass(*LOUDSPEAKER),
        batch=ROOMS_AT_ONCE,
        steps=steps,
        ending=Spell([text], recognizer, margin=LEAD_IN_ROOMS, ctc=CTC_IN_ROOMS),
        progress=progress,
    )


def count_rooms(steps: int) -> int:
    """Number of rooms to draw from in so many steps: too few are overfitted, and of too many the worst do not recur."""
    return min(steps, MOST_ROOMS)
