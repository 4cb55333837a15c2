"""Objectives of attacks, by kind of listener."""

from sottovoce.threats.objectives.base import Objective
from sottovoce.threats.objectives.classifiers import Label, LabelMargin
from sottovoce.threats.objectives.enhancers import Erasure, Noise, Silence, SpectralSpeech, Speech, TargetWaveform
from sottovoce.threats.objectives.recognizers import Mistranscribe, Spell, Transcribe
from sottovoce.threats.objectives.speakers import AwayFrom, TowardsSpeaker

__all__ = [
    "AwayFrom",
    "Erasure",
    "Label",
    "LabelMargin",
    "Mistranscribe",
    "Noise",
    "Objective",
    "Silence",
    "SpectralSpeech",
    "Speech",
    "Spell",
    "TargetWaveform",
    "TowardsSpeaker",
    "Transcribe",
]
