"""Trained networks that perturb in one forward pass."""

from sottovoce.perturbers.advgan import AdvGAN
from sottovoce.perturbers.base import Perturber
from sottovoce.perturbers.keyed import KeyedSSED, load_generator
from sottovoce.perturbers.ssed import SSED, MaskedNoise, refine
from sottovoce.perturbers.streaming import Stream

__all__ = ["SSED", "AdvGAN", "KeyedSSED", "MaskedNoise", "Perturber", "Stream", "load_generator", "refine"]
