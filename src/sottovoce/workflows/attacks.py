"""From a person's settings to an attack."""

from collections.abc import Callable

from sottovoce.attacks import FGSM, OPT, PGD, Attack
from sottovoce.threats.budgets import SNRFloor
from sottovoce.workflows.settings import AttackName, ProtectSettings


def make_attack(settings: ProtectSettings, progress: Callable[[float], None]) -> Attack:
    """The attack that the settings name, within their SNR.

    Args:
        settings: the person's choice.
        progress: called with the finished share of each call of the attack, from 0 to 1.
    """
    budget = SNRFloor(settings.snr)
    match settings.attack:
        case AttackName.FGSM:
            return FGSM(budget=budget)
        case AttackName.PGD:
            steps = 50
            return PGD(steps=steps, budget=budget, progress=lambda step: progress(step / steps))
        case AttackName.OPT:
            steps = 100
            return OPT(steps=steps, budget=budget, progress=lambda step: progress(step / steps))
