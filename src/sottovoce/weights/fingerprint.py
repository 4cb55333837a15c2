"""Telling networks apart by what they compute, wherever their files lie."""

import hashlib
import json

import torch
from torch import nn

PLAIN = (bool, int, float, str, tuple, list)


def fingerprint(network: nn.Module) -> str:
    """Hexadecimal SHA-256 of a network's kind, settings and weights.

    The kind is `architecture`, or else the class's name. The settings are the dictionary `config`, or else all public
    attributes that are numbers, strings or sequences, and the kinds and settings of the modules inside. The weights are
    the state dictionary: names, types, shapes and values.

    Example:
        >>> network = nn.Conv1d(1, 1, 3)
        >>> fingerprint(network) == fingerprint(network.eval())
        True
        >>> other = nn.Conv1d(1, 1, 3, stride=2)
        >>> _ = other.load_state_dict(network.state_dict())
        >>> fingerprint(network) == fingerprint(other)
        False
    """
    digest = hashlib.sha256(json.dumps(_description(network), sort_keys=True, default=str).encode())
    for name, tensor in sorted(network.state_dict().items()):
        digest.update(json.dumps([name, str(tensor.dtype), list(tensor.shape)]).encode())
        digest.update(tensor.cpu().reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _description(module: nn.Module) -> list[object]:
    kind, config = getattr(module, "architecture", type(module).__qualname__), getattr(module, "config", None)
    if isinstance(config, dict):
        return [kind, config]
    public = {name: value for name, value in vars(module).items() if not name.startswith("_") and name != "training"}
    settings = {name: value for name, value in public.items() if isinstance(value, PLAIN)}
    return [kind, settings, [(name, _description(child)) for name, child in module.named_children()]]
