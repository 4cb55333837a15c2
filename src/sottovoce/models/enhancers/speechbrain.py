"""MetricGAN+ as SpeechBrain published it, from a local folder or the Hugging Face hub."""

from pathlib import Path

from sottovoce.models.checkpoints import load_checkpoint
from sottovoce.models.enhancers.metricgan import MetricGANPlus

CHECKPOINT = "enhance_model.ckpt"
REPOSITORY = "speechbrain/metricgan-plus-voicebank"


def load_speechbrain(name: str | Path = REPOSITORY, *, download: bool = False) -> MetricGANPlus:
    """The network in a folder laid out as SpeechBrain's `metricgan-plus-voicebank`, in evaluation mode.

    Args:
        name: a folder that holds `enhance_model.ckpt`, or the name of a repository on the hub.
        download: as in `load_checkpoint`.

    Raises:
        SottovoceError: as `load_checkpoint`.
    """
    what = "SpeechBrain's MetricGAN+"
    return load_checkpoint(name, CHECKPOINT, MetricGANPlus.from_speechbrain, what, download=download)
