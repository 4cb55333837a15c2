"""Which weights a network holds."""

import hashlib

from torch import nn


def fingerprint(network: nn.Module) -> str:
    """Hexadecimal SHA-256 of all weights and their names, whatever file they came from."""
    found = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        found.update(name.encode() + tensor.cpu().contiguous().numpy().tobytes())
    return found.hexdigest()
