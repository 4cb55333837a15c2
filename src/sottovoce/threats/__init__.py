"""What an attack wants and what it may do: objectives, budgets, domains, penalties and masking."""

from sottovoce.threats.budgets import L2, Budget, LInf, SNRFloor, Unlimited
from sottovoce.threats.domains import Domain, Log1pDomain, ShapedDomain, WaveformDomain
from sottovoce.threats.masking import Masking
from sottovoce.threats.objectives import (
    AwayFrom,
    Erasure,
    Label,
    LabelMargin,
    Mistranscribe,
    Noise,
    Objective,
    Silence,
    SpectralSpeech,
    Speech,
    Spell,
    TargetWaveform,
    TowardsSpeaker,
    Transcribe,
)
from sottovoce.threats.penalties import CepstralChange, MeanSquare, Penalty

__all__ = [
    "L2",
    "AwayFrom",
    "Budget",
    "CepstralChange",
    "Domain",
    "Erasure",
    "LInf",
    "Label",
    "LabelMargin",
    "Log1pDomain",
    "Masking",
    "MeanSquare",
    "Mistranscribe",
    "Noise",
    "Objective",
    "Penalty",
    "SNRFloor",
    "ShapedDomain",
    "Silence",
    "SpectralSpeech",
    "Speech",
    "Spell",
    "TargetWaveform",
    "TowardsSpeaker",
    "Transcribe",
    "Unlimited",
    "WaveformDomain",
]
