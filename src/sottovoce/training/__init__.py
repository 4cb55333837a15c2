"""A recipe for each trainable network, and the loop that runs them."""

from sottovoce.training.data import MixingRange, SpeechInNoise
from sottovoce.training.loop import Recipe, run
from sottovoce.training.machine import Machine
from sottovoce.training.recipes import Material, train
from sottovoce.training.voices import Augmentation, Voices

__all__ = [
    "Augmentation",
    "Machine",
    "Material",
    "MixingRange",
    "Recipe",
    "SpeechInNoise",
    "Voices",
    "run",
    "train",
]
