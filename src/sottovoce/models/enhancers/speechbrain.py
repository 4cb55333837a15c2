"""MetricGAN+ as published by SpeechBrain."""

from pathlib import Path

from sottovoce.models.checkpoints import load_checkpoint
from sottovoce.models.enhancers.metricgan import MetricGANPlus

CHECKPOINT = "enhance_model.ckpt"
REPOSITORY = "speechbrain/metricgan-plus-voicebank"


def load_speechbrain(name: str | Path = REPOSITORY, *, download: bool = False) -> MetricGANPlus:
    """SpeechBrain's `metricgan-plus-voicebank`, in evaluation mode; arguments and errors as for `load_checkpoint`."""
    what = "SpeechBrain's MetricGAN+"
    return load_checkpoint(name, CHECKPOINT, MetricGANPlus.from_speechbrain, what, download=download)
