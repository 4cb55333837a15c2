"""Speaker encoders: waveforms in, unit embeddings out."""

from pathlib import Path

from sottovoce.models.base import load_one_of
from sottovoce.models.speakers.base import SpeakerEncoder
from sottovoce.models.speakers.campplus import FILE, CAMPPlus
from sottovoce.models.speakers.ecapa_tdnn import ECAPATDNN
from sottovoce.models.speakers.resemblyzer import Resemblyzer
from sottovoce.models.speakers.similarity import Similarity
from sottovoce.models.speakers.speechbrain import CHECKPOINT, load_speechbrain

ARCHITECTURES = {ECAPATDNN.architecture: ECAPATDNN}


def load_speaker_encoder(name: str) -> SpeakerEncoder:
    """Load a speaker encoder, in evaluation mode.

    Args:
        name: "resemblyzer" (needs the extra), "campplus" (once fetched), a bundled or downloaded model, the path of
            weights with a card, or a folder with 3D-Speaker's `campplus.safetensors` or SpeechBrain's
            `embedding_model.ckpt`.

    Raises:
        SottovoceError: if there is no such model, its file is damaged, or it is not a speaker encoder.
    """
    if name == Resemblyzer.architecture:
        return Resemblyzer.pretrained()
    if name == CAMPPlus.architecture:
        return CAMPPlus.pretrained()
    if (Path(name) / FILE).is_file():
        return CAMPPlus.pretrained(name)
    if (Path(name) / CHECKPOINT).is_file():
        return load_speechbrain(name)
    return load_one_of(name, ARCHITECTURES, "speaker encoder")


__all__ = [
    "ARCHITECTURES",
    "ECAPATDNN",
    "CAMPPlus",
    "Resemblyzer",
    "Similarity",
    "SpeakerEncoder",
    "load_speaker_encoder",
    "load_speechbrain",
]
