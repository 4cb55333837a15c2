"""Speech recognisers: waveforms in, words out."""

from sottovoce.victims.base import load_one_of
from sottovoce.victims.recognizers.base import Recognizer
from sottovoce.victims.recognizers.deep_speech import DeepSpeech
from sottovoce.victims.recognizers.pocketsphinx import PocketSphinx
from sottovoce.victims.recognizers.wav2vec2 import Wav2Vec2
from sottovoce.victims.recognizers.whisper import Whisper


def load_recognizer(name: str) -> DeepSpeech:
    """A recogniser that can be attacked, by the name or path of its weights.

    Raises:
        SottovoceError: if there is no such model, its file is damaged, or it is no such recogniser.
    """
    return load_one_of(name, {DeepSpeech.architecture: DeepSpeech}, "recogniser that can be attacked")


__all__ = ["DeepSpeech", "PocketSphinx", "Recognizer", "Wav2Vec2", "Whisper", "load_recognizer"]
