"""Speech recognisers: waveforms in, words out."""

from pathlib import Path

from sottovoce.models.base import load_one_of
from sottovoce.models.recognizers.base import Recognizer
from sottovoce.models.recognizers.deep_speech import DeepSpeech
from sottovoce.models.recognizers.pocketsphinx import PocketSphinx
from sottovoce.models.recognizers.wav2vec2 import Wav2Vec2
from sottovoce.models.recognizers.whisper import Whisper

DifferentiableRecognizer = DeepSpeech | Wav2Vec2


def load_recognizer(name: str) -> DifferentiableRecognizer:
    """A recogniser that can be attacked.

    Args:
        name: an embedded or fetched model, the path of weights with their card, or a folder with wav2vec 2.0 as
            transformers saves it.

    Raises:
        SottovoceError: if there is no such model, its file is damaged, or it is no such recogniser.
    """
    if (Path(name) / "config.json").is_file():
        return Wav2Vec2(name)
    return load_one_of(name, {DeepSpeech.architecture: DeepSpeech}, "recogniser that can be attacked")


__all__ = [
    "DeepSpeech",
    "DifferentiableRecognizer",
    "PocketSphinx",
    "Recognizer",
    "Wav2Vec2",
    "Whisper",
    "load_recognizer",
]
