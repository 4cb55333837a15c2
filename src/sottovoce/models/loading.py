"""Listeners by name or path."""

from pathlib import Path

from torch import nn

from sottovoce.errors import SottovoceError
from sottovoce.models.base import Model, load_one_of
from sottovoce.models.chain import Chain
from sottovoce.models.classifiers import ARCHITECTURES as CLASSIFIERS
from sottovoce.models.enhancers import ARCHITECTURES as ENHANCERS
from sottovoce.models.enhancers import DTLN, FSPEN, FastEnhancer, OnnxEnhancer, load_enhancer
from sottovoce.models.enhancers.speechbrain import CHECKPOINT as ENHANCER_CHECKPOINT
from sottovoce.models.recognizers import ARCHITECTURES as RECOGNIZERS
from sottovoce.models.recognizers import WhisperStudent, load_recognizer
from sottovoce.models.registry import listeners
from sottovoce.models.speakers import ARCHITECTURES as ENCODERS
from sottovoce.models.speakers import load_speaker_encoder
from sottovoce.models.speakers.speechbrain import CHECKPOINT as ENCODER_CHECKPOINT

SURROGATES = {WhisperStudent.architecture: WhisperStudent}
ARCHITECTURES: dict[str, type[Model]] = {**ENHANCERS, **RECOGNIZERS, **ENCODERS, **CLASSIFIERS, **SURROGATES}
STREAMS = {"fastenhancer_b.spec.onnx": FastEnhancer, "fspen.spec.onnx": FSPEN}
"""Published graphs by the names of their files."""


def load_listener(name: str) -> nn.Module:
    """A listener, in evaluation mode.

    Args:
        name: one that `sottovoce listeners` shows; another bundled or downloaded model; the path of weights with their
            card, or of an enhancer as an ONNX graph; a folder with the files of DTLN, FastEnhancer, FSPEN or CAM++,
            with SpeechBrain's MetricGAN+ or ECAPA-TDNN, or with a Whisper or wav2vec 2.0 that transformers has saved;
            or several of these joined by "+", each of which hears what the one before gives.

    Raises:
        SottovoceError: there is no such model, it is not on this machine, or its file is damaged.

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
    if name in (known := listeners()):
        return known[name].load().eval()
    path = Path(name)
    if path.suffix == ".onnx":
        return OnnxEnhancer(path)
    if (path / "model_1.onnx").is_file():
        return DTLN(path)
    for file, kind in STREAMS.items():
        if (path / file).is_file():
            return kind(path)
    if (path / ENHANCER_CHECKPOINT).is_file():
        return load_enhancer(name)
    if (path / ENCODER_CHECKPOINT).is_file() or (path / "campplus.safetensors").is_file():
        return load_speaker_encoder(name)
    if (path / "config.json").is_file() or (name.startswith("whisper-") and name not in SURROGATES):
        return load_recognizer(name)
    return load_one_of(name, ARCHITECTURES, "listener")
