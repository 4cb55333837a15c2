"""Where networks run."""

import torch

from sottovoce.errors import SottovoceError


def choose_device(name: str = "auto") -> torch.device:
    """The device that a person names.

    Args:
        name: "cpu", "cuda" or "cuda:N"; "auto" is the first GPU if there is one, otherwise the CPU.

    Raises:
        SottovoceError: the name is none of these, or this machine has no such device.

    Example:
        >>> choose_device("cpu")
        device(type='cpu')
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    kind, _, number = name.partition(":")
    if kind not in ("cpu", "cuda") or (":" in name and not (kind == "cuda" and number.isdecimal())):
        raise SottovoceError(f"device {name}: choose auto, cpu, cuda or cuda:N")
    if kind == "cuda" and int(number or 0) >= torch.cuda.device_count():
        raise SottovoceError(f"device {name}: this machine has {torch.cuda.device_count()} GPUs; choose cpu or auto")
    return torch.device(name)
