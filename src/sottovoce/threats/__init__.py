"""What an attack wants and what it may do: objectives, budgets, domains, penalties and masking."""

from sottovoce.threats.budgets import L2, Budget, LInf, SNRFloor, Unlimited
from sottovoce.threats.domains import Domain, Log1pDomain, MaskedDomain, ShapedDomain, WaveformDomain
from sottovoce.threats.gains import GainDomain
from sottovoce.threats.masking import Masking
from sottovoce.threats.noise_to_mask import NoiseToMask
from sottovoce.threats.objectives import (
    AwayFrom,
    Erasure,
    Label,
    LabelMargin,
    Mistranscribe,
    Noise,
    Objective,
    OtherFeatures,
    OtherWords,
    Silence,
    SpectralSpeech,
    Speech,
    Spell,
    TargetWaveform,
    TheseWords,
    TowardsSpeaker,
    Transcribe,
    Weighted,
)
from sottovoce.threats.penalties import CepstralChange, MeanSquare, Penalty

__all__ = [
    "L2",
    "AwayFrom",
    "Budget",
    "CepstralChange",
    "Domain",
    "Erasure",
    "GainDomain",
    "LInf",
    "Label",
    "LabelMargin",
    "Log1pDomain",
    "MaskedDomain",
    "Masking",
    "MeanSquare",
    "Mistranscribe",
    "Noise",
    "NoiseToMask",
    "Objective",
    "OtherFeatures",
    "OtherWords",
    "Penalty",
    "SNRFloor",
    "ShapedDomain",
    "Silence",
    "SpectralSpeech",
    "Speech",
    "Spell",
    "TargetWaveform",
    "TheseWords",
    "TowardsSpeaker",
    "Transcribe",
    "Unlimited",
    "WaveformDomain",
    "Weighted",
]
