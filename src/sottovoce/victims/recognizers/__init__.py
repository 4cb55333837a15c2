"""Speech recognisers: waveforms in, words out."""

from sottovoce.victims.recognizers.base import Recognizer
from sottovoce.victims.recognizers.pocketsphinx import PocketSphinx
from sottovoce.victims.recognizers.wav2vec2 import Wav2Vec2
from sottovoce.victims.recognizers.whisper import Whisper

__all__ = ["PocketSphinx", "Recognizer", "Wav2Vec2", "Whisper"]
