"""Checks of the figures that a caller passes to a constructor."""

import math
from numbers import Integral, Real


def number(
    name: str, value: float, *, above: float | None = None, least: float | None = None, most: float = math.inf
) -> float:
    """`value`, if it is a finite real number in range.

    Example:
        >>> number("lr", 0.01, above=0)
        0.01
        >>> try:
        ...     number("decay", 1.5, least=0, most=1)
        ... except ValueError as error:
        ...     print(error)
        decay must be a finite number from 0 to 1; got 1.5

    Args:
        name: what the caller calls it.
        value: what was passed.
        above: what it must exceed.
        least, most: the lowest and highest allowed value.

    Raises:
        ValueError: it is anything else.
    """
    lowest = -math.inf if least is None else least
    real = isinstance(value, Real) and not isinstance(value, bool)
    if real and math.isfinite(value) and lowest <= value <= most and (above is None or value > above):
        return value
    bounds = [f"above {above:g}"] if above is not None else []
    if least is not None:
        bounds.append(f"from {least:g} to {most:g}" if math.isfinite(most) else f"of at least {least:g}")
    elif math.isfinite(most):
        bounds.append(f"up to {most:g}")
    raise ValueError(f"{name} must be {' '.join(['a finite number', *bounds])}; got {value!r}")


def integer(name: str, value: int, *, least: int = 1) -> int:
    """`value`, if it is an integer of at least `least`.

    Example:
        >>> try:
        ...     integer("steps", 0)
        ... except ValueError as error:
        ...     print(error)
        steps must be an integer of at least 1; got 0

    Raises:
        ValueError: it is anything else.
    """
    if isinstance(value, Integral) and not isinstance(value, bool) and value >= least:
        return value
    raise ValueError(f"{name} must be an integer of at least {least}; got {value!r}")
