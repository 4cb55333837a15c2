"""Listeners by name or path."""

import json
from pathlib import Path

from torch import nn

from sottovoce.errors import SottovoceError
from sottovoce.models.base import Model, load_one_of
from sottovoce.models.chain import Chain
from sottovoce.models.classifiers import ARCHITECTURES as CLASSIFIERS
from sottovoce.models.enhancers import ARCHITECTURES as ENHANCERS
from sottovoce.models.enhancers import DTLN, load_enhancer
from sottovoce.models.enhancers.speechbrain import CHECKPOINT as ENHANCER_CHECKPOINT
from sottovoce.models.recognizers import ARCHITECTURES as RECOGNIZERS
from sottovoce.models.recognizers import Wav2Vec2, Whisper
from sottovoce.models.speakers import ARCHITECTURES as ENCODERS
from sottovoce.models.speakers import Resemblyzer, load_speaker_encoder
from sottovoce.models.speakers.speechbrain import CHECKPOINT as ENCODER_CHECKPOINT

ARCHITECTURES: dict[str, type[Model]] = {**ENHANCERS, **RECOGNIZERS, **ENCODERS, **CLASSIFIERS}


def load_listener(name: str) -> nn.Module:
    """A listener, in evaluation mode.

    Args:
        name: a bundled or downloaded model's name; the path of weights with their card; "resemblyzer"; a folder with
            DTLN's ONNX files, with SpeechBrain's MetricGAN+ or ECAPA-TDNN, or with a Whisper or wav2vec 2.0 that
            transformers has saved; or several of these joined by "+", each of which hears what the one before gives.

    Raises:
        SottovoceError: there is no such model, or its file is damaged.

    Example:
        >>> load_listener("wave-unet+deep-speech").end.name
        'deep-speech'
    """
    if "+" in name and not Path(name).exists():
        return Chain(*(_load(part) for part in name.split("+")))
    return _load(name)


def _load(name: str) -> nn.Module:
    if not name:
        raise SottovoceError("a listener's name is empty; write NAME,NAME or NAME+NAME")
    folder = Path(name)
    if (folder / "model_1.onnx").is_file():
        return DTLN(name)
    if (folder / ENHANCER_CHECKPOINT).is_file():
        return load_enhancer(name)
    if name == Resemblyzer.architecture or (folder / ENCODER_CHECKPOINT).is_file():
        return load_speaker_encoder(name)
    if (folder / "config.json").is_file():
        return Whisper(name) if "whisper" in _saved_kind(folder) else Wav2Vec2(name)
    return load_one_of(name, ARCHITECTURES, "listener")


def _saved_kind(folder: Path) -> str:
    """What transformers calls the network that it has saved in a folder."""
    try:
        return str(json.loads((folder / "config.json").read_text(encoding="utf-8")).get("model_type", ""))
    except (OSError, ValueError, AttributeError) as error:
        raise SottovoceError(f"{folder / 'config.json'}: not a model's configuration; get the folder again") from error
