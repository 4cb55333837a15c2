"""Checkpoints published by other projects, from a local folder or the Hugging Face hub."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import nn

from sottovoce.errors import SottovoceError

Network = TypeVar("Network", bound=nn.Module)


def load_checkpoint(
    name: str | Path, file: str, build: Callable[[dict[str, Any]], Network], what: str, *, download: bool
) -> Network:
    """Build a network from the tensors of a checkpoint. Only tensors are unpickled; no code in the file is run.

    Args:
        name: a folder that holds `file`, or the name of a repository on the hub.
        file: the file name of the checkpoint.
        build: builds the network from what the file holds, usually a state dictionary; a `RuntimeError` or `KeyError`
            means that it does not fit.
        what: the name of the network in messages.
        download: whether the file may be downloaded from the hub if it is not on this machine. Otherwise nothing goes
            over the network.

    Raises:
        SottovoceError: if the file is missing, cannot be downloaded or holds something else, or if the extra `hub` is
            required and not installed.
    """
    checkpoint = Path(name) / file if Path(name).is_dir() else _from_hub(str(name), file, download)
    other = f"{checkpoint}: not the weights of {what}; get it again"
    try:
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    except OSError as error:
        raise SottovoceError(f"{checkpoint}: cannot be read: {error.strerror or error}") from error
    except Exception as error:  # for a damaged file torch raises whatever its parts raise
        raise SottovoceError(other) from error
    try:
        return build(state)
    except (RuntimeError, AttributeError, TypeError, KeyError) as error:  # any other file
        raise SottovoceError(other) from error


def _from_hub(name: str, file: str, download: bool) -> Path:
    try:
        from huggingface_hub import hf_hub_download
    except ImportError as error:
        raise SottovoceError(f"{name}: needs the extra 'hub': pip install 'sottovoce[hub]'") from error
    try:
        return Path(hf_hub_download(name, file, local_files_only=not download))
    except Exception as error:  # the client passes on the exceptions of whichever transport it uses
        if download:
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            raise SottovoceError(f"{name}: cannot be downloaded from the hub: {reason}") from error
        raise SottovoceError(f"{name}: no such folder, and not downloaded yet; download=True downloads it") from error
