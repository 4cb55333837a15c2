"""Our settings of the attacks: what `protect` runs, and what the benchmarks call "ours"."""

from collections.abc import Callable
from enum import StrEnum
from functools import cache

from torch import Tensor

from sottovoce.attacks import FGSM, OPT, PGD, Attack, CarliniWagner, OverTheAir
from sottovoce.attacks.base import INT16
from sottovoce.channels.band import LOUDSPEAKER, BandPass
from sottovoce.channels.simulated import simulated_rooms
from sottovoce.text.ctc import CTCRecognizer
from sottovoce.threats.budgets import SNRFloor
from sottovoce.threats.domains import ShapedDomain
from sottovoce.threats.objectives import Erasure, Objective, Silence, SpectralSpeech, Speech
from sottovoce.threats.objectives.recognizers import Spell
from sottovoce.threats.penalties import CepstralChange

ERASING_STEPS, TARGETED_STEPS = 60, 150
MOST_ROOMS, ROOMS_AT_ONCE = 1000, 4
LEAD_IN_ROOMS, CTC_IN_ROOMS = 2.0, 2 / 3
"""Rooms take away from a lead, and change which path is the best: CTC goes on pulling at all."""
LARGEST_CHANGE = 4000 / INT16
"""Of a sample, at first; its authors' 2000 are too little for some recordings where an enhancer is in front."""
LOOK_EVERY = 5
"""Steps of Carlini and Wagner's attack; its authors' 10 shrink the bound too slowly for a few hundred steps."""
FIRST_STEP = 0.3
"""Of PGD on recognisers, as a share of the allowed perturbation's root mean square."""
LAST_STEP = 0.05
"""The last step's size as a share of the first's."""
Progress = Callable[[int], None]


class AttackName(StrEnum):
    """The attacks on enhancers, by their usual names."""

    OPT = "opt"
    PGD = "pgd"
    FGSM = "fgsm"


def erasing(
    name: AttackName, snr: float, *, steps: int = ERASING_STEPS, progress: Progress | None = None
) -> tuple[Attack, Objective]:
    """An attack after which an enhancer gives nothing intelligible, within an SNR in dB.

    PGD and OPT search in the shaped domain for `Erasure`, and are kept from disturbing a friendly recogniser by
    `CepstralChange`; FGSM, a single step, takes the published objective.
    """
    budget, domain, penalty = SNRFloor(snr), ShapedDomain(), CepstralChange()
    match name:
        case AttackName.FGSM:
            return FGSM(budget=budget), Silence()
        case AttackName.PGD:
            pgd = PGD(
                step=0.02,
                steps=steps,
                decay=LAST_STEP,
                budget=budget,
                domain=domain,
                penalty=penalty,
                progress=progress,
            )
            return pgd, Erasure()
        case AttackName.OPT:
            opt = OPT(
                lr=0.05,
                steps=steps,
                alpha=1.0,
                decay=LAST_STEP,
                budget=budget,
                domain=domain,
                penalty=penalty,
                progress=progress,
            )
            return opt, Erasure()


def targeted(
    name: AttackName, snr: float, target: Tensor, *, steps: int = TARGETED_STEPS, progress: Progress | None = None
) -> tuple[Attack, Objective]:
    """An attack after which an enhancer gives `target (batch, samples)`, within an SNR in dB.

    PGD and OPT search in the shaped domain for `SpectralSpeech`; FGSM, a single step, takes the published objective.
    """
    budget, domain, objective = SNRFloor(snr), ShapedDomain(), SpectralSpeech(target)
    match name:
        case AttackName.FGSM:
            return FGSM(budget=budget), Speech(target)
        case AttackName.PGD:
            pgd = PGD(step=0.02, steps=steps, decay=LAST_STEP, budget=budget, domain=domain, progress=progress)
            return pgd, objective
        case AttackName.OPT:
            opt = OPT(lr=0.05, steps=steps, alpha=1.0, decay=LAST_STEP, budget=budget, domain=domain, progress=progress)
            return opt, objective


def away_from_words(snr: float, waveforms: Tensor, *, steps: int, progress: Progress | None = None) -> PGD:
    """An attack by which a recogniser no longer writes what is said in `waveforms (1, samples)`."""
    allowed = float(waveforms.square().mean().sqrt()) * 10.0 ** (-snr / 20.0)
    return PGD(step=FIRST_STEP * allowed, steps=steps, decay=LAST_STEP, budget=SNRFloor(snr), progress=progress)


@cache
def _rooms(count: int, seed: int) -> Tensor:
    return simulated_rooms(count, seed=seed)


def quietest(text: str, recognizer: CTCRecognizer, *, steps: int, progress: Progress | None = None) -> CarliniWagner:
    """An attack by which a recogniser writes a text, as quietly as can be."""
    return CarliniWagner(
        bound=LARGEST_CHANGE, steps=steps, every=LOOK_EVERY, ending=Spell([text], recognizer), progress=progress
    )


def in_rooms(
    snr: float, text: str, recognizer: CTCRecognizer, *, steps: int, seed: int = 0, progress: Progress | None = None
) -> OverTheAir:
    """An attack by which a recogniser writes a text in rooms, within an SNR in dB.

    The rooms are simulated, the band is what a small loudspeaker gives.
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
    """How many rooms so many steps draw from: few would be learnt by heart, of many the worst would not come again."""
    return min(steps, MOST_ROOMS)


def steps_of(name: AttackName, *, is_targeted: bool) -> int:
    """How many times an attack by these settings reports progress."""
    if name is AttackName.FGSM:
        return 1
    return TARGETED_STEPS if is_targeted else ERASING_STEPS
