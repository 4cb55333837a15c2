"""Checkpoints of a training on disk: safetensors, with everything that is no tensor as JSON in its metadata.

Nothing is unpickled, so that a checkpoint from elsewhere runs no code.
"""

import json
import os
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from sottovoce.errors import SottovoceError

_KEY = "sottovoce-checkpoint-1"
_PLAIN = (bool, int, float, str, type(None))


def save(path: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint, completely or not at all.

    Example:
        >>> import tempfile
        >>> import torch
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save(Path(folder, "last.ckpt"), {"steps": {0: torch.ones(2)}, "betas": (0.5, 0.9)})
        ...     load(Path(folder, "last.ckpt"))
        {'steps': {0: tensor([1., 1.])}, 'betas': (0.5, 0.9)}

    Args:
        path: the file; an existing one is replaced.
        state: numbers, strings, None, tensors, and dictionaries, lists and tuples of them.

    Raises:
        TypeError: it holds something else.
    """
    tensors = dict[str, Tensor]()
    described = json.dumps(_described(state, tensors))
    temporary = path.with_suffix(".tmp")
    save_file(tensors, temporary, {_KEY: described})
    os.replace(temporary, path)


def load(path: Path) -> dict[str, Any]:
    """Undo `save`; all tensors are on the CPU, and lie in memory as they did.

    Raises:
        SottovoceError: the file cannot be read, or is no such checkpoint.
    """
    try:
        with safe_open(path, framework="pt") as file:
            described = (file.metadata() or {})[_KEY]
            state = _restored(json.loads(described), file)
    except OSError as error:
        raise SottovoceError(f"{path}: cannot be read ({error.strerror or error}); check its permissions") from error
    except (SafetensorError, KeyError, IndexError, TypeError, ValueError, RuntimeError) as error:
        raise SottovoceError(
            f"{path}: not a checkpoint of this version, or damaged; delete it to start again"
        ) from error
    if not isinstance(state, dict):
        raise SottovoceError(f"{path}: not a checkpoint of this version, or damaged; delete it to start again")
    return state


def _described(value: Any, tensors: dict[str, Tensor]) -> Any:
    """A value in terms of JSON, with its kind in front where JSON has no such kind; its tensors are set aside."""
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, Tensor):
        # An optimiser's tensors lie in memory as its network's do, and the last bit of a sum depends on that.
        order = sorted(range(value.ndim), key=lambda axis: -value.stride()[axis])
        name = str(len(tensors))
        tensors[name] = value.detach().cpu().permute(order).contiguous().clone()
        return ["tensor", name, order]
    if isinstance(value, dict):
        return ["dict", [[_described(each, tensors) for each in pair] for pair in value.items()]]
    if isinstance(value, (list, tuple)):
        return [type(value).__name__, [_described(each, tensors) for each in value]]
    raise TypeError(f"a checkpoint does not hold {type(value).__name__}")


def _restored(said: Any, file: Any) -> Any:
    if isinstance(said, _PLAIN):
        return said
    kind, content, *order = said
    if kind == "tensor":
        (axes,) = order
        stored: Tensor = file.get_tensor(content)
        return stored.permute([axes.index(axis) for axis in range(stored.ndim)]).clone()  # no longer part of the file
    if kind == "dict":
        return {_restored(key, file): _restored(value, file) for key, value in content}
    return {"list": list, "tuple": tuple}[kind](_restored(each, file) for each in content)
