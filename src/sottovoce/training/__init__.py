"""A recipe per trainable network, and the one loop that runs them."""

from sottovoce.training.data import MixingRange, SpeechInNoise
from sottovoce.training.loop import Recipe, run
from sottovoce.training.recipes import Machine, train

__all__ = [
    "Machine",
    "MixingRange",
    "Recipe",
    "SpeechInNoise",
    "run",
    "train",
]
