"""Objectives of attacks, by kind of listener."""

from sottovoce.threats.objectives.base import Objective
from sottovoce.threats.objectives.classifiers import Label, LabelMargin
from sottovoce.threats.objectives.enhancers import Erasure, Noise, Silence, SpectralSpeech, Speech, TargetWaveform
from sottovoce.threats.objectives.features import OtherFeatures
from sottovoce.threats.objectives.recognizers import Mistranscribe, Spell, Transcribe
from sottovoce.threats.objectives.speakers import AwayFrom, TowardsSpeaker
from sottovoce.threats.objectives.weighted import Weighted
from sottovoce.threats.objectives.words import OtherWords, TheseWords

__all__ = [
    "AwayFrom",
    "Erasure",
    "Label",
    "LabelMargin",
    "Mistranscribe",
    "Noise",
    "Objective",
    "OtherFeatures",
    "OtherWords",
    "Silence",
    "SpectralSpeech",
    "Speech",
    "Spell",
    "TargetWaveform",
    "TheseWords",
    "TowardsSpeaker",
    "Transcribe",
    "Weighted",
]
