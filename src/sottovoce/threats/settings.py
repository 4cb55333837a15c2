"""A short `repr` for attacks, budgets, domains, objectives and penalties."""

import inspect

from torch import Tensor, nn


class Settings:
    """Mixin whose `repr` lists the arguments of the constructor.

    Each argument is read from the attribute of the same name; those that are None or plain functions are left out.
    Tensors appear by their shape, networks by their class.

    Example:
        >>> class Louder(Settings):
        ...     def __init__(self, gain: float, *, limit: float | None = None) -> None:
        ...         self.gain, self.limit = gain, limit
        >>> Louder(2.0)
        Louder(gain=2)
        >>> Louder(2.0, limit=0.5)
        Louder(gain=2, limit=0.5)
    """

    def __repr__(self) -> str:
        values = {name: getattr(self, name, None) for name in inspect.signature(type(self)).parameters}
        shown = [
            f"{name}={_short(value)}"
            for name, value in values.items()
            if value is not None and not inspect.isroutine(value)
        ]
        return f"{type(self).__name__}({', '.join(shown)})"


def _short(value: object) -> str:
    if isinstance(value, Tensor):
        return f"Tensor{tuple(value.shape)}"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, nn.Module) or type(value).__repr__ is object.__repr__:
        return type(value).__name__
    return repr(value)
