"""ECAPA-TDNN as published by SpeechBrain."""

from pathlib import Path

from sottovoce.models.checkpoints import load_checkpoint
from sottovoce.models.speakers.ecapa_tdnn import ECAPATDNN

CHECKPOINT = "embedding_model.ckpt"
REPOSITORY = "speechbrain/spkrec-ecapa-voxceleb"


def load_speechbrain(name: str | Path = REPOSITORY, *, download: bool = False) -> ECAPATDNN:
    """SpeechBrain's `spkrec-ecapa-voxceleb`, in evaluation mode; arguments and errors as for `load_checkpoint`."""
    what = "SpeechBrain's ECAPA-TDNN"
    return load_checkpoint(name, CHECKPOINT, ECAPATDNN.from_speechbrain, what, download=download)
