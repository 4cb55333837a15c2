"""Recognisers in the layout of transformers, from a local folder or the Hugging Face hub."""

from pathlib import Path
from typing import Any

from sottovoce.errors import SottovoceError

NEEDED = ["*.json", "*.txt", "model.safetensors", "model-*.safetensors"]


def from_pretrained(architecture: str, processor: str, name: str, download: bool) -> tuple[Any, Any]:
    """Load a network, in evaluation mode, and what stands before and behind it.

    Args:
        architecture: a model class of transformers; the checkpoint must hold exactly that.
        processor: the processor class that goes with it.
        name: a folder, or the name of a repository on the hub.
        download: whether what is not on this machine may be fetched from the hub. Without it nobody is asked anything.

    Returns:
        The model and the processor.

    Raises:
        SottovoceError: if transformers is not installed, the checkpoint is not there, is damaged, holds no safetensors,
            or holds another architecture.
    """
    try:
        import transformers
    except ImportError as error:
        raise SottovoceError(f"{name}: needs transformers: pip install 'sottovoce[hub]'.") from error
    folder = _folder(name, download)
    try:
        held = transformers.AutoConfig.from_pretrained(folder).architectures or ["a network without a head"]
        if architecture not in held:
            raise SottovoceError(f"{name}: holds {', '.join(held)}, not {architecture}.")
        model = getattr(transformers, architecture).from_pretrained(folder, use_safetensors=True)
        return model.eval(), getattr(transformers, processor).from_pretrained(folder)
    except SottovoceError:
        raise
    except Exception as error:  # as many kinds as there are parsers of the files
        raise SottovoceError(f"{name}: transformers cannot load it: {_reason(error)}") from error


def _folder(name: str, download: bool) -> Path:
    """Where the files are, fetched if need be.

    Not left to transformers, whose client calls the hub for a list of coding agents even with `local_files_only`.
    """
    from huggingface_hub import snapshot_download

    if Path(name).is_dir():
        return Path(name)
    try:
        return Path(snapshot_download(name, local_files_only=not download, allow_patterns=NEEDED))
    except Exception as error:  # the client lets its transport's exceptions through, and changes transports
        if download:
            raise SottovoceError(f"{name}: cannot be fetched from the hub: {_reason(error)}") from error
        raise SottovoceError(f"{name}: no such folder, nor fetched from the hub; download=True fetches it.") from error


def _reason(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
