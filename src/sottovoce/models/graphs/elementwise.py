"""ONNX operators that work on each element by itself, as functions of tensors with ONNX's attributes as keywords."""

from collections.abc import Callable
from functools import reduce
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional


def together(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """Both on one device: constants that are no weights, such as shapes, stay on the CPU until they meet others."""
    if first.device == second.device:
        return first, second
    if first.device.type == "cpu":
        return first.to(second.device), second
    return first, second.to(first.device)


def _binary(function: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    def operator(first: Tensor, second: Tensor) -> Tensor:
        return function(*together(first, second))

    return operator


def _many(function: Callable[[Tensor, Tensor], Tensor]) -> Callable[..., Tensor]:
    def operator(*tensors: Tensor) -> Tensor:
        return reduce(_binary(function), tensors)

    return operator


def divide(first: Tensor, second: Tensor) -> Tensor:
    """Quotient; of whole numbers without the remainder."""
    return torch.div(first, second, rounding_mode=None if first.is_floating_point() else "trunc")


def power(base: Tensor, exponent: Tensor) -> Tensor:
    """Power, in the type of the base."""
    return torch.pow(base, exponent).to(base.dtype)


def mod(first: Tensor, second: Tensor, *, fmod: int = 0) -> Tensor:
    """Remainder, with the sign of the divisor, or with that of the dividend if `fmod`."""
    return (torch.fmod if fmod else torch.remainder)(*together(first, second))


def where(condition: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """The first where the condition is true, the second elsewhere."""
    first, second = together(first, second)
    condition, first = together(condition, first)
    return torch.where(condition, first, second.to(first.device))


def clip(
    x: Tensor,
    low: Tensor | None = None,
    high: Tensor | None = None,
    *,
    min: float | None = None,
    max: float | None = None,
) -> Tensor:
    """Limits; numbers before opset 11, tensors since."""
    if min is not None or max is not None:
        return x.clamp(min, max)
    if low is None and high is None:
        return x
    return x.clamp(*(None if limit is None else limit.to(x.device, x.dtype) for limit in (low, high)))


def prelu(x: Tensor, slope: Tensor) -> Tensor:
    return torch.where(x >= 0, x, slope * x)


def leaky_relu(x: Tensor, *, alpha: float = 0.01) -> Tensor:
    return functional.leaky_relu(x, alpha)


def elu(x: Tensor, *, alpha: float = 1.0) -> Tensor:
    return functional.elu(x, alpha)


def celu(x: Tensor, *, alpha: float = 1.0) -> Tensor:
    return functional.celu(x, alpha)


def selu(x: Tensor, *, alpha: float = 1.67326319217681884765625, gamma: float = 1.05070102214813232421875) -> Tensor:
    return gamma * torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0)))


def hard_sigmoid(x: Tensor, *, alpha: float = 0.2, beta: float = 0.5) -> Tensor:
    return (alpha * x + beta).clamp(0, 1)


def thresholded_relu(x: Tensor, *, alpha: float = 1.0) -> Tensor:
    return torch.where(x > alpha, x, 0)


def gelu(x: Tensor, *, approximate: Literal["none", "tanh"] = "none") -> Tensor:
    return functional.gelu(x, approximate=approximate)


def dropout(x: Tensor, *unused: Tensor | None, ratio: float = 0.5, seed: int = 0) -> Tensor:
    """The identity, as always outside of training."""
    return x


def identity(x: Tensor) -> Tensor:
    return x


ELEMENTWISE: dict[str, Callable[..., Tensor]] = {
    "Abs": lambda x: x.abs(),
    "Acos": lambda x: x.acos(),
    "Add": _binary(torch.add),
    "And": _binary(torch.logical_and),
    "Asin": lambda x: x.asin(),
    "Atan": lambda x: x.atan(),
    "Ceil": lambda x: x.ceil(),
    "Celu": celu,
    "Clip": clip,
    "Cos": lambda x: x.cos(),
    "Div": _binary(divide),
    "Dropout": dropout,
    "Elu": elu,
    "Equal": _binary(torch.eq),
    "Erf": lambda x: x.erf(),
    "Exp": lambda x: x.exp(),
    "Floor": lambda x: x.floor(),
    "Gelu": gelu,
    "Greater": _binary(torch.gt),
    "GreaterOrEqual": _binary(torch.ge),
    "HardSigmoid": hard_sigmoid,
    "HardSwish": lambda x: functional.hardswish(x),
    "Identity": identity,
    "IsNaN": lambda x: x.isnan(),
    "LeakyRelu": leaky_relu,
    "Less": _binary(torch.lt),
    "LessOrEqual": _binary(torch.le),
    "Log": lambda x: x.log(),
    "Max": _many(torch.maximum),
    "Mean": lambda *tensors: _many(torch.add)(*tensors) / len(tensors),
    "Min": _many(torch.minimum),
    "Mish": lambda x: functional.mish(x),
    "Mod": mod,
    "Mul": _binary(torch.mul),
    "Neg": lambda x: x.neg(),
    "Not": lambda x: x.logical_not(),
    "Or": _binary(torch.logical_or),
    "PRelu": _binary(prelu),
    "Pow": _binary(power),
    "Reciprocal": lambda x: x.reciprocal(),
    "Relu": lambda x: x.relu(),
    "Round": lambda x: x.round(),
    "Selu": selu,
    "Sigmoid": lambda x: x.sigmoid(),
    "Sign": lambda x: x.sign(),
    "Sin": lambda x: x.sin(),
    "Softplus": lambda x: functional.softplus(x),
    "Softsign": lambda x: functional.softsign(x),
    "Sqrt": lambda x: x.sqrt(),
    "Sub": _binary(torch.sub),
    "Sum": _many(torch.add),
    "Tan": lambda x: x.tan(),
    "Tanh": lambda x: x.tanh(),
    "ThresholdedRelu": thresholded_relu,
    "Where": where,
    "Xor": _binary(torch.logical_xor),
}
"""By their ONNX names."""
