"""A limit on the memory that the description of a network may claim."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

_MAKERS = (torch.empty, torch.zeros, torch.ones, torch.full, torch.rand, torch.randn)


class Bounded(TorchFunctionMode):
    """Refuses to make tensors that together have more values than allowed, before they take memory.

    Args:
        most: how many values.

    Example:
        >>> with Bounded(100):
        ...     torch.nn.Linear(10**6, 10**6)
        Traceback (most recent call last):
        ValueError: it describes a network that is larger than its weights
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._left = most

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        given = dict(kwargs or {})
        if func in _MAKERS:
            self._left -= func(*args, **given | {"device": "meta"}).numel()
            if self._left < 0:
                raise ValueError("it describes a network that is larger than its weights")
        return func(*args, **given)
