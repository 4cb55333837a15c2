"""MetricGAN+ as SpeechBrain published it, from a local folder or the Hugging Face hub."""

from pathlib import Path
from pickle import UnpicklingError

import torch

from sottovoce.errors import SottovoceError
from sottovoce.victims.enhancers.metricgan import MetricGANPlus

CHECKPOINT = "enhance_model.ckpt"
REPOSITORY = "speechbrain/metricgan-plus-voicebank"


def load_speechbrain(name: str | Path = REPOSITORY, *, download: bool = False) -> MetricGANPlus:
    """The network in a folder laid out as SpeechBrain's `metricgan-plus-voicebank`, in evaluation mode.

    Only tensors are read from the checkpoint, nothing in it is run.

    Args:
        name: a folder that holds `enhance_model.ckpt`, or the name of a repository on the hub.
        download: whether the file may be fetched from the hub where it is not on this machine. Without it nobody is
            asked anything.

    Raises:
        SottovoceError: if the file is not there, cannot be fetched, or holds something else, or the extra `hub` is
            needed and not installed.
    """
    checkpoint = Path(name) / CHECKPOINT if Path(name).is_dir() else _from_hub(str(name), download)
    try:
        return MetricGANPlus.from_speechbrain(torch.load(checkpoint, map_location="cpu", weights_only=True))
    except OSError as error:
        raise SottovoceError(f"{checkpoint}: cannot be read: {error.strerror or error}") from error
    except (RuntimeError, UnpicklingError, EOFError, AttributeError, TypeError) as error:  # whatever else the file is
        raise SottovoceError(f"{checkpoint}: not the weights of SpeechBrain's MetricGAN+; fetch it again.") from error


def _from_hub(name: str, download: bool) -> Path:
    try:
        from huggingface_hub import hf_hub_download
    except ImportError as error:
        raise SottovoceError(f"{name}: needs the extra 'hub': pip install 'sottovoce[hub]'.") from error
    try:
        return Path(hf_hub_download(name, CHECKPOINT, local_files_only=not download))
    except Exception as error:  # the client lets its transport's exceptions through, and changes transports
        if download:
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            raise SottovoceError(f"{name}: cannot be fetched from the hub: {reason}") from error
        raise SottovoceError(f"{name}: no such folder, nor fetched from the hub; download=True fetches it.") from error
