"""A voice hidden while it speaks: sound in, sound out, with a delay below 50 ms."""

from sottovoce.live.device import converse
from sottovoce.live.floor import RunningFloor
from sottovoce.live.pcm import pipe
from sottovoce.live.timing import Timing
from sottovoce.live.voice import BLOCK, LiveVoice

__all__ = ["BLOCK", "LiveVoice", "RunningFloor", "Timing", "converse", "pipe"]
