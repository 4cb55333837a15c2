"""Recognisers saved by transformers, from a local folder or the Hugging Face hub."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sottovoce.errors import SottovoceError
from sottovoce.weights.hub import NEEDED, ask_without_telemetry


def from_pretrained(architecture: str, processor: str, name: str, download: bool) -> tuple[Any, Any]:
    """Load a network, in evaluation mode and single precision, and its processor.

    Args:
        architecture: a model class of transformers; the checkpoint must be of exactly that class.
        processor: the matching processor class.
        name: a folder, or the name of a repository on the hub.
        download: whether missing files may be downloaded from the hub. Otherwise nothing goes over the network.

    Returns:
        The model and the processor.

    Raises:
        SottovoceError: if transformers is not installed, or the checkpoint is missing, is damaged, has no safetensors
            or holds another architecture.
    """
    ask_without_telemetry()
    try:
        import transformers
        from transformers.utils import logging
    except ImportError as error:
        raise SottovoceError(f"{name}: needs transformers: pip install 'sottovoce[hub]'") from error
    folder = _folder(name, download)
    try:
        held = transformers.AutoConfig.from_pretrained(folder).architectures or ["a network without a head"]
        if architecture not in held:
            raise SottovoceError(f"{name}: holds {', '.join(held)}, not {architecture}")
        with _quiet(logging):
            model = getattr(transformers, architecture).from_pretrained(folder, use_safetensors=True)
        return model.float().eval(), getattr(transformers, processor).from_pretrained(folder)
    except SottovoceError:
        raise
    except Exception as error:  # every parser of these files has its own
        raise SottovoceError(f"{name}: transformers cannot load it: {_reason(error)}") from error


@contextmanager
def _quiet(logging: Any) -> Iterator[None]:
    """Without transformers' own progress bars, which it draws even where nobody looks."""
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _folder(name: str, download: bool) -> Path:
    """The folder of the files, downloaded if permitted.

    transformers itself would contact the hub even with `local_files_only`.
    """
    from huggingface_hub import snapshot_download

    if Path(name).is_dir():
        return Path(name)
    try:
        return Path(snapshot_download(name, local_files_only=not download, allow_patterns=list(NEEDED)))
    except Exception as error:  # the client passes on the exceptions of whichever transport it uses
        if download:
            raise SottovoceError(f"{name}: cannot be downloaded from the hub: {_reason(error)}") from error
        raise SottovoceError(f"{name}: no such folder, and not downloaded yet; download=True downloads it") from error


def downloaded(name: str) -> bool:
    """Whether a repository of the hub is on this machine already; nobody is asked."""
    try:
        _folder(name, download=False)
    except (ImportError, SottovoceError):
        return False
    return True


def settings(model: Any) -> dict[str, Any]:
    """The configuration of a model of transformers as saved in its `config.json`, without paths and versions."""
    found: dict[str, Any] = model.config.to_diff_dict()
    return {key: value for key, value in found.items() if key not in ("_name_or_path", "transformers_version")}


def _reason(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
