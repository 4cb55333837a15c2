"""Trained networks that perturb in one pass."""

from sottovoce.perturbers.base import OnePass, Perturber
from sottovoce.perturbers.ssed import SSED, MaskedNoise
from sottovoce.perturbers.streaming import Stream

__all__ = ["SSED", "MaskedNoise", "OnePass", "Perturber", "Stream"]
