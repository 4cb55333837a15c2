"""What audio passes through on its way: modules from waveforms to waveforms of the same shape."""

from sottovoce.channels.purifiers import AdditiveNoise, MedianSmoothing, Quantization
from sottovoce.channels.rooms import reverberate

__all__ = ["AdditiveNoise", "MedianSmoothing", "Quantization", "reverberate"]
