"""Speech recognisers: waveforms in, words out."""

import json
from pathlib import Path

from sottovoce.errors import SottovoceError
from sottovoce.models.base import load_one_of
from sottovoce.models.recognizers.base import Recognizer
from sottovoce.models.recognizers.deep_speech import DeepSpeech
from sottovoce.models.recognizers.hub import downloaded
from sottovoce.models.recognizers.pocketsphinx import PocketSphinx
from sottovoce.models.recognizers.wav2vec2 import Wav2Vec2
from sottovoce.models.recognizers.whisper import Whisper
from sottovoce.models.recognizers.whisper_student import WhisperStudent
from sottovoce.weights.third_party import fetched_folder

DifferentiableRecognizer = DeepSpeech | Wav2Vec2
"""Those that score every character in every frame (CTC)."""
AnyRecognizer = DeepSpeech | PocketSphinx | Wav2Vec2 | Whisper
ARCHITECTURES = {DeepSpeech.architecture: DeepSpeech}


def load_recognizer(name: str) -> AnyRecognizer:
    """Load any recogniser, in evaluation mode.

    Args:
        name: "pocketsphinx"; "whisper-tiny.en", "whisper-base" and so on, if fetched before; another bundled or
            downloaded model; the path of weights with a card; or a folder with a Whisper or wav2vec 2.0 that
            transformers has saved.

    Raises:
        SottovoceError: there is no such model, it is not on this machine, or it is damaged or no recogniser.

    Example:
        >>> load_recognizer("pocketsphinx").language
        'en'
    """
    if name == PocketSphinx.name:
        return PocketSphinx()
    configuration = Path(name) / "config.json"
    if configuration.is_file():
        return Whisper(name) if _kind(configuration) == Whisper.architecture else Wav2Vec2(name)
    if name.startswith("whisper-"):
        return Whisper(_place(name))
    return load_one_of(name, ARCHITECTURES, "recogniser")


def load_ctc_recognizer(name: str) -> DifferentiableRecognizer:
    """Load a recogniser that scores every character in every frame; see `load_recognizer`.

    Raises:
        SottovoceError: there is no such model, it is not on this machine, or it is damaged or another one.
    """
    recognizer = load_recognizer(name)
    if isinstance(recognizer, DeepSpeech | Wav2Vec2):
        return recognizer
    raise SottovoceError(f"{name}: does not write character by character; name deep-speech, or a wav2vec 2.0")


def _place(name: str) -> str:
    """Where a Whisper lies: its folder in the cache, or its repository, if the hub's client has it on this machine."""
    try:
        return str(fetched_folder(name))
    except SottovoceError:
        if downloaded(f"openai/{name}"):
            return f"openai/{name}"
        raise


def _kind(configuration: Path) -> str:
    """What transformers calls the network that it has saved with this configuration."""
    try:
        return str(json.loads(configuration.read_text(encoding="utf-8")).get("model_type", ""))
    except (OSError, ValueError, AttributeError) as error:
        raise SottovoceError(f"{configuration}: not a model's configuration; get the folder again") from error


__all__ = [
    "ARCHITECTURES",
    "AnyRecognizer",
    "DeepSpeech",
    "DifferentiableRecognizer",
    "PocketSphinx",
    "Recognizer",
    "Wav2Vec2",
    "Whisper",
    "WhisperStudent",
    "load_ctc_recognizer",
    "load_recognizer",
]
