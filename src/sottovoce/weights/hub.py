"""Weights from the Hugging Face hub, when a person asks for them."""

from pathlib import Path
from tempfile import TemporaryDirectory

from sottovoce.errors import SottovoceError
from sottovoce.weights.card import Card
from sottovoce.weights.store import EMBEDDED, SUFFIX, cache_folder, load
from sottovoce.writing import make_folder, write_together


def fetch(repo_id: str, name: str) -> Card:
    """Downloads `NAME.safetensors` and `NAME.json` into the cache folder, where `load(name)` finds them.

    Nothing is kept unless the weights are those that the card describes.

    Args:
        repo_id: The hub's repository, `"owner/name"`.
        name: The model's name in that repository, and from then on here.

    Returns:
        The model's card.

    Raises:
        SottovoceError: The extra `hub` is not installed, the hub cannot be reached or has no such model, its files do
            not belong together, or a model of that name comes with the package.
    """
    if (EMBEDDED / (name + SUFFIX)).exists():
        raise SottovoceError(f"{name} comes with sottovoce; there is nothing to fetch")
    try:
        from huggingface_hub import hf_hub_download
    except ImportError as error:
        raise SottovoceError("fetching models needs the extra 'hub': pip install 'sottovoce[hub]'") from error
    with TemporaryDirectory() as folder:
        try:
            weights, card_file = (
                Path(hf_hub_download(repo_id, name + suffix, local_dir=folder)) for suffix in (SUFFIX, ".json")
            )
        except Exception as error:  # the client lets its transport's exceptions through, and changes transports
            reason = str(error).partition("\n")[0].strip() or type(error).__name__
            raise SottovoceError(f"cannot fetch {name} from the hub's {repo_id}: {reason}") from error
        card, _ = load(weights)
        if card.name != name:
            raise SottovoceError(f"the hub's {repo_id} calls {name} {card.name} in its card; nothing was kept")
        make_folder(cache_folder())
        write_together({cache_folder() / path.name: path.read_bytes() for path in (weights, card_file)})
    return card
