"""Downloading weights from the Hugging Face hub."""

from pathlib import Path
from tempfile import TemporaryDirectory

from sottovoce.errors import SottovoceError
from sottovoce.weights.card import Card
from sottovoce.weights.store import EMBEDDED, SUFFIX, cache_folder, load
from sottovoce.writing import make_folder, write_together


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
    try:
        from huggingface_hub import hf_hub_download
    except ImportError as error:
        raise SottovoceError("downloading models needs the extra 'hub': pip install 'sottovoce[hub]'") from error
    with TemporaryDirectory() as folder:
        try:
            weights, card_file = (
                Path(hf_hub_download(repo_id, name + suffix, local_dir=folder)) for suffix in (SUFFIX, ".json")
            )
        except Exception as error:  # the client passes on the exceptions of whichever transport it uses
            reason = str(error).partition("\n")[0].strip() or type(error).__name__
            raise SottovoceError(f"cannot fetch {name} from {repo_id} on the hub: {reason}") from error
        card, _ = load(weights)
        if card.name != name:
            raise SottovoceError(f"the card of {name} in {repo_id} is for {card.name!r}; nothing was kept")
        make_folder(cache_folder())
        write_together({cache_folder() / path.name: path.read_bytes() for path in (weights, card_file)})
    return card
