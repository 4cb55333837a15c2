"""What an attack is for and what it may do: objectives, budgets, domains."""

from sottovoce.threats.budgets import L2, Budget, LInf, SNRFloor, Unlimited
from sottovoce.threats.domains import Domain, Log1pDomain, ShapedDomain, WaveformDomain
from sottovoce.threats.objectives import Erasure, Noise, Objective, Silence, Speech, TargetWaveform

__all__ = [
    "L2",
    "Budget",
    "Domain",
    "Erasure",
    "LInf",
    "Log1pDomain",
    "Noise",
    "Objective",
    "SNRFloor",
    "ShapedDomain",
    "Silence",
    "Speech",
    "TargetWaveform",
    "Unlimited",
    "WaveformDomain",
]
