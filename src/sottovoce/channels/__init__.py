"""What audio passes through on its way: modules from waveforms to waveforms of the same shape."""

from sottovoce.channels.purifiers import AdditiveNoise, MedianSmoothing, Quantization

__all__ = ["AdditiveNoise", "MedianSmoothing", "Quantization"]
