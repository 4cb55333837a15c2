"""Downloading weights from the Hugging Face hub."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from sottovoce.errors import SottovoceError
from sottovoce.weights.card import Card
from sottovoce.weights.store import EMBEDDED, SUFFIX, cache_folder, load
from sottovoce.writing import make_folder, write_together

NEEDED = ("*.json", "*.txt", "model.safetensors", "model-*.safetensors")
"""The files of a network that transformers has saved."""


def fetch(repo_id: str, name: str) -> Card:
    """Download `NAME.safetensors` and `NAME.json` into the cache folder, where `load(name)` finds them.

    Nothing is kept if the weights do not match the card.

    Args:
        repo_id: The repository on the hub, `"owner/name"`.
        name: The model's name in the repository; it is loaded under the same name afterwards.

    Returns:
        The model's card.

    Raises:
        SottovoceError: If the extra `hub` is not installed, the hub cannot be reached or has no such model, the
            weights do not match the card, or the name belongs to a bundled model.
    """
    if (EMBEDDED / (name + SUFFIX)).exists():
        raise SottovoceError(f"{name} is bundled with sottovoce; there is no need to fetch it")
    with TemporaryDirectory() as folder:
        weights, card_file = (
            Path(_downloaded(name, "hf_hub_download", repo_id, name + suffix, local_dir=folder))
            for suffix in (SUFFIX, ".json")
        )
        card, _ = load(weights)
        if card.name != name:
            raise SottovoceError(f"the card of {name} in {repo_id} is for {card.name!r}; nothing was kept")
        make_folder(cache_folder())
        write_together({cache_folder() / path.name: path.read_bytes() for path in (weights, card_file)})
    return card


def snapshot(repo_id: str, folder: Path) -> None:
    """Download a network that transformers has saved: configuration, tokenizer and safetensors.

    Args:
        repo_id: The repository on the hub, `"owner/name"`.
        folder: Where the files go.

    Raises:
        SottovoceError: If the extra `hub` is not installed, or the hub cannot be reached or has no such repository.
    """
    _downloaded("the network", "snapshot_download", repo_id, local_dir=folder, allow_patterns=list(NEEDED))
    shutil.rmtree(folder / ".cache", ignore_errors=True)


def ask_without_telemetry() -> None:
    """Keep the hub's client from telling more than what it asks for; it reads this when it is imported."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")


def _downloaded(what: str, function: str, repo_id: str, *arguments: str, **options: object) -> str:
    ask_without_telemetry()
    try:
        import huggingface_hub
    except ImportError as error:
        raise SottovoceError("downloading models needs the extra 'hub': pip install 'sottovoce[hub]'") from error
    download: Callable[..., str] = getattr(huggingface_hub, function)
    try:
        return download(repo_id, *arguments, **options)
    except Exception as error:  # the client passes on the exceptions of whichever transport it uses
        reason = str(error).strip().partition("\n")[0].strip() or type(error).__name__
        raise SottovoceError(f"cannot fetch {what} from {repo_id} on the hub: {reason}") from error
