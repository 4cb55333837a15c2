"""Checkpoints as other projects publish them, from a local folder or the Hugging Face hub."""

from collections.abc import Callable
from pathlib import Path
from pickle import UnpicklingError
from typing import TypeVar

import torch
from torch import Tensor

from sottovoce.errors import SottovoceError

Network = TypeVar("Network")


def load_checkpoint(
    name: str | Path, file: str, build: Callable[[dict[str, Tensor]], Network], what: str, *, download: bool
) -> Network:
    """A network built from the tensors of a checkpoint. Only tensors are read from it, nothing in it is run.

    Args:
        name: a folder that holds `file`, or the name of a repository on the hub.
        file: the checkpoint's name there.
        build: makes the network from the state dictionary; a `RuntimeError` or `KeyError` of it means another network.
        what: names the network in messages.
        download: whether the file may be fetched from the hub where it is not on this machine. Without it nobody is
            asked anything.

    Raises:
        SottovoceError: if the file is not there, cannot be fetched, or holds something else, or the extra `hub` is
            needed and not installed.
    """
    checkpoint = Path(name) / file if Path(name).is_dir() else _from_hub(str(name), file, download)
    try:
        return build(torch.load(checkpoint, map_location="cpu", weights_only=True))
    except OSError as error:
        raise SottovoceError(f"{checkpoint}: cannot be read: {error.strerror or error}") from error
    except (RuntimeError, UnpicklingError, EOFError, AttributeError, TypeError, KeyError) as error:  # any other file
        raise SottovoceError(f"{checkpoint}: not the weights of {what}; fetch it again.") from error


def _from_hub(name: str, file: str, download: bool) -> Path:
    try:
        from huggingface_hub import hf_hub_download
    except ImportError as error:
        raise SottovoceError(f"{name}: needs the extra 'hub': pip install 'sottovoce[hub]'.") from error
    try:
        return Path(hf_hub_download(name, file, local_files_only=not download))
    except Exception as error:  # the client lets its transport's exceptions through, and changes transports
        if download:
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            raise SottovoceError(f"{name}: cannot be fetched from the hub: {reason}") from error
        raise SottovoceError(f"{name}: no such folder, nor fetched from the hub; download=True fetches it.") from error
