"""ECAPA-TDNN as SpeechBrain published it, from a local folder or the Hugging Face hub."""

from pathlib import Path

from sottovoce.models.checkpoints import load_checkpoint
from sottovoce.models.speakers.ecapa_tdnn import ECAPATDNN

CHECKPOINT = "embedding_model.ckpt"
REPOSITORY = "speechbrain/spkrec-ecapa-voxceleb"


def load_speechbrain(name: str | Path = REPOSITORY, *, download: bool = False) -> ECAPATDNN:
    """The network in a folder laid out as SpeechBrain's `spkrec-ecapa-voxceleb`, in evaluation mode.

    Args:
        name: a folder that holds `embedding_model.ckpt`, or the name of a repository on the hub.
        download: as in `load_checkpoint`.

    Raises:
        SottovoceError: as `load_checkpoint`.
    """
    what = "SpeechBrain's ECAPA-TDNN"
    return load_checkpoint(name, CHECKPOINT, ECAPATDNN.from_speechbrain, what, download=download)
