"""Transmission channels and purifiers: modules from waveforms to waveforms of the same shape."""

from sottovoce.channels.band import LOUDSPEAKER, BandPass
from sottovoce.channels.codecs import Codec
from sottovoce.channels.purifiers import AdditiveNoise, MedianSmoothing, Quantization
from sottovoce.channels.random import OneOf, RandomEqualizer, RandomShift
from sottovoce.channels.rooms import Room, reverberate
from sottovoce.channels.simulated import simulated_rooms
from sottovoce.channels.telephone import G711, Telephone

__all__ = [
    "G711",
    "LOUDSPEAKER",
    "AdditiveNoise",
    "BandPass",
    "Codec",
    "MedianSmoothing",
    "OneOf",
    "Quantization",
    "RandomEqualizer",
    "RandomShift",
    "Room",
    "Telephone",
    "reverberate",
    "simulated_rooms",
]
