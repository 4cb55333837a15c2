"""Speech enhancers: noisy waveforms in, enhanced waveforms out."""

from pathlib import Path

from sottovoce.models.base import load_one_of
from sottovoce.models.enhancers.base import Enhancer
from sottovoce.models.enhancers.deepfilternet3 import DeepFilterNet3
from sottovoce.models.enhancers.dnn import DNN
from sottovoce.models.enhancers.dtln import DTLN
from sottovoce.models.enhancers.metricgan import MetricGANPlus
from sottovoce.models.enhancers.nsnet2 import NSNet2
from sottovoce.models.enhancers.onnx import OnnxEnhancer
from sottovoce.models.enhancers.rnnoise import RNNoise
from sottovoce.models.enhancers.segan import SEGAN
from sottovoce.models.enhancers.spectral_stream import FSPEN, FastEnhancer, SpectralStream
from sottovoce.models.enhancers.speechbrain import CHECKPOINT, load_speechbrain
from sottovoce.models.enhancers.wave_unet import WaveUNet
from sottovoce.models.enhancers.webrtc import WebRTC

ARCHITECTURES: dict[str, type[Enhancer]] = {kind.architecture: kind for kind in (MetricGANPlus, SEGAN, WaveUNet, DNN)}


def load_enhancer(name: str) -> Enhancer:
    """Load an enhancer, in evaluation mode.

    Args:
        name: a bundled or downloaded model, the path of weights with a card, or a folder with SpeechBrain's
            `enhance_model.ckpt`.

    Raises:
        SottovoceError: if there is no such model, its file is damaged, or it is not an enhancer.
    """
    if (Path(name) / CHECKPOINT).is_file():
        return load_speechbrain(name)
    return load_one_of(name, ARCHITECTURES, "enhancer")


__all__ = [
    "ARCHITECTURES",
    "DNN",
    "DTLN",
    "FSPEN",
    "SEGAN",
    "DeepFilterNet3",
    "Enhancer",
    "FastEnhancer",
    "MetricGANPlus",
    "NSNet2",
    "OnnxEnhancer",
    "RNNoise",
    "SpectralStream",
    "WaveUNet",
    "WebRTC",
    "load_enhancer",
    "load_speechbrain",
]
