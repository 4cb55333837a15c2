"""A recipe per trainable network, and the one loop that runs them."""

from sottovoce.training.data import MixingRange, SpeechInNoise
from sottovoce.training.loop import Recipe, run
from sottovoce.training.recipes import Machine, Material, train
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
