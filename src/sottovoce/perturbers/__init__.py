"""Trained networks that perturb in one pass."""

from sottovoce.perturbers.advgan import AdvGAN
from sottovoce.perturbers.base import OnePass, Perturber
from sottovoce.perturbers.ssed import SSED, MaskedNoise, refine
from sottovoce.perturbers.streaming import Stream

__all__ = ["SSED", "AdvGAN", "MaskedNoise", "OnePass", "Perturber", "Stream", "refine"]
