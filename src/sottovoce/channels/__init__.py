"""Transmission channels and purifiers: modules from waveforms to waveforms of the same shape."""

from sottovoce.channels.band import LOUDSPEAKER, BandPass
from sottovoce.channels.codecs import Codec
from sottovoce.channels.purifiers import AdditiveNoise, MedianSmoothing, Quantization
from sottovoce.channels.rooms import Room, reverberate
from sottovoce.channels.simulated import simulated_rooms

__all__ = [
    "LOUDSPEAKER",
    "AdditiveNoise",
    "BandPass",
    "Codec",
    "MedianSmoothing",
    "Quantization",
    "Room",
    "reverberate",
    "simulated_rooms",
]
