"""Speaker encoders: waveforms in, unit embeddings out."""

from pathlib import Path

from sottovoce.models.base import load_one_of
from sottovoce.models.speakers.base import SpeakerEncoder
from sottovoce.models.speakers.ecapa_tdnn import ECAPATDNN
from sottovoce.models.speakers.resemblyzer import Resemblyzer
from sottovoce.models.speakers.similarity import Similarity
from sottovoce.models.speakers.speechbrain import CHECKPOINT, load_speechbrain


def load_speaker_encoder(name: str) -> SpeakerEncoder:
    """The encoder called `name`, in evaluation mode.

    Args:
        name: "resemblyzer" (the extra), an embedded or fetched model, the path of weights with their card, or a folder
            with SpeechBrain's `embedding_model.ckpt`.

    Raises:
        SottovoceError: if there is no such model, its file is damaged, or it is no speaker encoder.
    """
    if name == Resemblyzer.architecture:
        return Resemblyzer.pretrained()
    if (Path(name) / CHECKPOINT).is_file():
        return load_speechbrain(name)
    return load_one_of(name, {ECAPATDNN.architecture: ECAPATDNN}, "speaker encoder")


__all__ = ["ECAPATDNN", "Resemblyzer", "Similarity", "SpeakerEncoder", "load_speaker_encoder", "load_speechbrain"]
