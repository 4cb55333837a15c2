"""Attacks: searches for a perturbation that makes a listener meet an objective."""

from sottovoce.attacks.base import Attack, AttackResult
from sottovoce.attacks.carlini_wagner import CarliniWagner
from sottovoce.attacks.eot import EOT
from sottovoce.attacks.evolutionary import Evolutionary
from sottovoce.attacks.fgsm import FGSM
from sottovoce.attacks.genetic import Genetic
from sottovoce.attacks.imperceptible import Imperceptible
from sottovoce.attacks.optimization import OPT
from sottovoce.attacks.over_the_air import OverTheAir
from sottovoce.attacks.pgd import PGD
from sottovoce.attacks.swarm import Swarm

__all__ = [
    "EOT",
    "FGSM",
    "OPT",
    "PGD",
    "Attack",
    "AttackResult",
    "CarliniWagner",
    "Evolutionary",
    "Genetic",
    "Imperceptible",
    "OverTheAir",
    "Swarm",
]
