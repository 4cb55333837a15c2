"""Speech recognisers: waveforms in, words out."""

from pathlib import Path

from sottovoce.models.base import load_one_of
from sottovoce.models.recognizers.base import Recognizer
from sottovoce.models.recognizers.deep_speech import DeepSpeech
from sottovoce.models.recognizers.pocketsphinx import PocketSphinx
from sottovoce.models.recognizers.wav2vec2 import Wav2Vec2
from sottovoce.models.recognizers.whisper import Whisper

DifferentiableRecognizer = DeepSpeech | Wav2Vec2
ARCHITECTURES = {DeepSpeech.architecture: DeepSpeech}


def load_recognizer(name: str) -> DifferentiableRecognizer:
    """Load a differentiable recogniser, in evaluation mode.

    Args:
        name: a bundled or downloaded model, the path of weights with a card, or a folder with a wav2vec 2.0 saved by
            transformers.

    Raises:
        SottovoceError: if there is no such model, its file is damaged, or it is not a differentiable recogniser.
    """
    if (Path(name) / "config.json").is_file():
        return Wav2Vec2(name)
    return load_one_of(name, ARCHITECTURES, "recogniser that can be attacked")


__all__ = [
    "ARCHITECTURES",
    "DeepSpeech",
    "DifferentiableRecognizer",
    "PocketSphinx",
    "Recognizer",
    "Wav2Vec2",
    "Whisper",
    "load_recognizer",
]
