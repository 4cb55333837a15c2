"""Weights on disk: `NAME.safetensors` and its card `NAME.json`, side by side.

Names are looked up among the bundled weights first, then in the cache folder of downloaded ones. Weights are never
unpickled, and a file is read only if its SHA-256 matches its card.
"""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

import platformdirs
import torch
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.torch import load as from_bytes
from safetensors.torch import save as to_bytes
from torch import Tensor

from sottovoce.errors import SottovoceError
from sottovoce.weights.card import Card
from sottovoce.writing import make_folder, write_together

EMBEDDED = Path(__file__).parent / "embedded"
SUFFIX = ".safetensors"


def cache_folder() -> Path:
    """The folder of downloaded weights: `$SOTTOVOCE_CACHE`, or the user's cache folder on this platform."""
    override = os.environ.get("SOTTOVOCE_CACHE")
    return Path(override) if override else platformdirs.user_cache_path("sottovoce", appauthor=False)


def save(path: str | Path, state: Mapping[str, Tensor], card: Card, *, half: bool = False) -> Card:
    """Write weights and their card, replacing existing files; an interrupted call leaves those unchanged.

    Args:
        path: The weights file, with or without `.safetensors`; missing folders are created.
        state: A module's `state_dict()`, on any device.
        card: The card of these weights.
        half: Store floating-point tensors as float16, at half the size; `load` returns them as float32.

    Returns:
        The card as written, with `parameters` and `sha256` filled in.

    Raises:
        SottovoceError: If a value does not fit in float16, or the files cannot be written.
    """
    weights = _with_suffix(Path(path))
    tensors = {key: tensor.detach().cpu().clone().contiguous() for key, tensor in state.items()}
    floating = [key for key, tensor in tensors.items() if tensor.is_floating_point()]
    if half:
        for key in floating:
            tensors[key], full = tensors[key].half(), tensors[key]
            if (tensors[key].isinf() & full.isfinite()).any():
                raise SottovoceError(f"{weights}: {key} has values too large for half precision; save it in full")
    data = to_bytes(tensors)
    parameters = sum(tensors[key].numel() for key in floating)
    card = card.model_copy(update={"parameters": parameters, "sha256": hashlib.sha256(data).hexdigest()})
    make_folder(weights.parent)
    write_together({weights: data, _card_path(weights): (card.model_dump_json(indent=2) + "\n").encode()})
    return card


def load(name_or_path: str | Path) -> tuple[Card, dict[str, Tensor]]:
    """Read a card and its weights, and check the weights against the card's digest.

    Args:
        name_or_path: A known name, a weights file (with or without `.safetensors`), or a folder that holds exactly one.
            Known names take precedence: write `./NAME` for a file or folder of the same name.

    Returns:
        The card, and the weights on the CPU: half-precision tensors as float32, all others as saved.

    Raises:
        SottovoceError: If there is no such model, its card is missing or malformed, or the weights do not match it.
    """
    weights = _locate(name_or_path)
    card = _read_card(weights)
    try:
        data = weights.read_bytes()
    except OSError as error:
        raise SottovoceError(f"cannot read {weights}: {error.strerror or error}") from error
    if hashlib.sha256(data).hexdigest() != card.sha256:
        raise SottovoceError(f"{weights} is damaged or does not match its card (sha256 differs); download it again")
    try:
        state = from_bytes(data)
    except SafetensorError as error:
        raise SottovoceError(f"{weights} is not a safetensors file: {error}") from error
    half = (torch.float16, torch.bfloat16)
    return card, {key: tensor.float() if tensor.dtype in half else tensor for key, tensor in state.items()}


def architecture_of(name_or_path: str | Path) -> str | None:
    """The architecture of a model that `load` finds, read from its card alone; None if there is no such model.

    Raises:
        SottovoceError: If the card is missing or malformed.
    """
    weights = _find(name_or_path)
    return None if weights is None else _read_card(weights).architecture


def available() -> list[Card]:
    """The cards of all models that `load` knows by name, sorted by name.

    Raises:
        SottovoceError: If a card is missing or malformed.
    """
    return [_read_card(weights) for _, weights in sorted(_known().items())]


def _known() -> dict[str, Path]:
    """Weights files by name; bundled ones take precedence over downloaded ones."""
    return {path.stem: path for folder in (cache_folder(), EMBEDDED) for path in folder.glob(f"*{SUFFIX}")}


def _locate(name_or_path: str | Path) -> Path:
    weights = _find(name_or_path)
    if weights is not None:
        return weights
    path, names = Path(name_or_path), ", ".join(sorted(_known())) or "none"
    if path.is_dir():
        found = len(list(path.glob(f"*{SUFFIX}")))
        raise SottovoceError(f"{path} holds {found} {SUFFIX} files; name the one to load")
    raise SottovoceError(f"no model {str(name_or_path)!r}: give a {SUFFIX} file or a known name ({names})")


def _find(name_or_path: str | Path) -> Path | None:
    if not str(name_or_path):  # as a path it would be the current folder
        raise SottovoceError("the name of a model is empty; give a name or path")
    known = _known()
    if isinstance(name_or_path, str) and name_or_path in known:
        return known[name_or_path]
    path = Path(name_or_path)
    if path.is_dir():
        found = list(path.glob(f"*{SUFFIX}"))
        return found[0] if len(found) == 1 else None
    return _with_suffix(path) if _with_suffix(path).is_file() else None


def _read_card(weights: Path) -> Card:
    path = _card_path(weights)
    try:
        return Card.model_validate_json(path.read_bytes())
    except OSError as error:
        raise SottovoceError(f"cannot read the card {path} of {weights.name}: {error.strerror or error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "JSON"
        raise SottovoceError(f"{path} is not a model card: {where}: {first['msg']}") from error


def _with_suffix(path: Path) -> Path:
    """`path` with the suffix of weights; any other dot belongs to the name (`segan-0.5`)."""
    return path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)


def _card_path(weights: Path) -> Path:
    return weights.with_suffix(".json")
