"""Trained networks that perturb in one forward pass."""

from sottovoce.perturbers.advgan import AdvGAN
from sottovoce.perturbers.base import Perturber
from sottovoce.perturbers.ssed import SSED, MaskedNoise, refine
from sottovoce.perturbers.streaming import Stream

__all__ = ["SSED", "AdvGAN", "MaskedNoise", "Perturber", "Stream", "refine"]
