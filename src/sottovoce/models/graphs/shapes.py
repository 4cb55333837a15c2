"""ONNX operators that move elements about, as functions of tensors with ONNX's attributes as keywords.

Shapes, axes and the like are small tensors of whole numbers on the CPU, whatever the device of the data.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from sottovoce.models.graphs.elementwise import together

TYPES: dict[int, torch.dtype] = {
    1: torch.float32,
    2: torch.uint8,
    3: torch.int8,
    5: torch.int16,
    6: torch.int32,
    7: torch.int64,
    9: torch.bool,
    10: torch.float16,
    11: torch.float64,
    16: torch.bfloat16,
}
"""By their numbers in ONNX."""


def listed(attribute: Sequence[int] | None, tensor: Tensor | None) -> list[int] | None:
    """Axes and the like, which older files give as an attribute and newer ones as a tensor; None if neither does."""
    if attribute is not None:
        return list(attribute)
    return None if tensor is None else [int(each) for each in tensor.reshape(-1).tolist()]


def shape(x: Tensor, *, start: int = 0, end: int | None = None) -> Tensor:
    return torch.tensor(tuple(x.shape)[start:end], dtype=torch.int64)


def size(x: Tensor) -> Tensor:
    return torch.tensor(x.numel(), dtype=torch.int64)


def constant_of_shape(sizes: Tensor, *, value: Tensor | None = None) -> Tensor:
    one = torch.zeros(1) if value is None else value
    return one.reshape(()).expand(sizes.tolist())


def arange(start: Tensor, limit: Tensor, delta: Tensor) -> Tensor:
    return torch.arange(start.item(), limit.item(), delta.item(), dtype=start.dtype)


def cast(x: Tensor, *, to: int, saturate: int = 1) -> Tensor:
    return x.to(TYPES[to])


def cast_like(x: Tensor, other: Tensor, *, saturate: int = 1) -> Tensor:
    return x.to(other.dtype)


def reshape(x: Tensor, sizes: Tensor, *, allowzero: int = 0) -> Tensor:
    """Sizes of 0 stay as they are, unless `allowzero`; one may be −1."""
    wanted = sizes.tolist()
    if not allowzero:
        wanted = [x.shape[axis] if size == 0 else size for axis, size in enumerate(wanted)]
    return x.reshape(wanted)


def flatten(x: Tensor, *, axis: int = 1) -> Tensor:
    before = x.shape[: axis + x.ndim if axis < 0 else axis]
    return x.reshape(int(np.prod(before)), -1)


def transpose(x: Tensor, *, perm: Sequence[int] | None = None) -> Tensor:
    return x.permute(*(reversed(range(x.ndim)) if perm is None else perm))


def squeeze(x: Tensor, tensor: Tensor | None = None, *, axes: Sequence[int] | None = None) -> Tensor:
    chosen = listed(axes, tensor)
    return x.squeeze() if chosen is None else x.squeeze(tuple(chosen))


def unsqueeze(x: Tensor, tensor: Tensor | None = None, *, axes: Sequence[int] | None = None) -> Tensor:
    chosen = listed(axes, tensor) or []
    rank = x.ndim + len(chosen)
    for axis in sorted(axis % rank for axis in chosen):
        x = x.unsqueeze(axis)
    return x


def concat(*tensors: Tensor, axis: int = 1) -> Tensor:
    device = next((each.device for each in tensors if each.device.type != "cpu"), tensors[0].device)
    return torch.cat([each.to(device) for each in tensors], axis)


def split(
    x: Tensor,
    tensor: Tensor | None = None,
    *,
    axis: int = 0,
    split: Sequence[int] | None = None,
    num_outputs: int | None = None,
    outputs: int,
) -> tuple[Tensor, ...]:
    """Pieces of given sizes, or else of equal size, the last one smaller where it does not work out."""
    sizes, whole = listed(split, tensor), x.shape[axis]
    if sizes is None:
        piece = -(-whole // outputs)
        sizes = [max(0, min(piece, whole - index * piece)) for index in range(outputs)]
    return torch.split(x, sizes, axis)


def slices(
    x: Tensor,
    starts_: Tensor | None = None,
    ends_: Tensor | None = None,
    axes_: Tensor | None = None,
    steps_: Tensor | None = None,
    *,
    starts: Sequence[int] | None = None,
    ends: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
) -> Tensor:
    """Part of a tensor; attributes before opset 10, tensors since."""
    first, last = listed(starts, starts_) or [], listed(ends, ends_) or []
    chosen = listed(axes, axes_) or range(len(first))
    steps = listed(None, steps_) or [1] * len(first)
    for start, end, axis, step in zip(first, last, chosen, steps, strict=True):
        places = range(*slice(start, end, step).indices(x.shape[axis]))
        if step == 1:
            x = x.narrow(axis, places.start, len(places))
        else:
            x = x.index_select(axis, torch.tensor(places, dtype=torch.int64, device=x.device))
    return x


def gather(x: Tensor, indices: Tensor, *, axis: int = 0) -> Tensor:
    axis = axis % x.ndim
    x, places = together(x, indices.reshape(-1).long())
    taken = x.index_select(axis, torch.where(places < 0, places + x.shape[axis], places))
    return taken.reshape((*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :]))


def gather_elements(x: Tensor, indices: Tensor, *, axis: int = 0) -> Tensor:
    x, places = together(x, indices.long())
    return x.gather(axis, torch.where(places < 0, places + x.shape[axis], places))


def expand(x: Tensor, sizes: Tensor) -> Tensor:
    """Larger sizes where they fit; a size of 1 stays as it is."""
    wanted = sizes.tolist()
    own = [1] * (len(wanted) - x.ndim) + list(x.shape)
    wanted = [1] * (len(own) - len(wanted)) + wanted
    return x.expand([max(each, other) for each, other in zip(own, wanted, strict=True)])


def tile(x: Tensor, repeats: Tensor) -> Tensor:
    return x.repeat(*repeats.tolist())


def pad(
    x: Tensor,
    pads_: Tensor | None = None,
    value_: Tensor | None = None,
    axes_: Tensor | None = None,
    *,
    pads: Sequence[int] | None = None,
    value: float = 0.0,
    mode: Literal["constant", "reflect", "edge", "wrap"] = "constant",
) -> Tensor:
    """More before and after, less where the number is negative; all beginnings stand before all ends."""
    numbers = listed(pads, pads_) or []
    chosen = listed(None, axes_) or range(x.ndim)
    half = len(numbers) // 2
    both = {axis % x.ndim: (numbers[index], numbers[half + index]) for index, axis in enumerate(chosen)}
    if mode == "constant":
        filling = value if value_ is None else value_.item()
        flat = [number for axis in reversed(range(x.ndim)) for number in both.get(axis, (0, 0))]
        return functional.pad(x, flat, value=filling)
    for axis, numbers_there in both.items():
        if any(numbers_there):
            places = torch.from_numpy(np.pad(np.arange(x.shape[axis]), numbers_there, mode=mode))
            x = x.index_select(axis, places.to(x.device))
    return x


SHAPES: dict[str, Callable[..., Tensor | tuple[Tensor, ...]]] = {
    "Cast": cast,
    "CastLike": cast_like,
    "Concat": concat,
    "ConstantOfShape": constant_of_shape,
    "Expand": expand,
    "Flatten": flatten,
    "Gather": gather,
    "GatherElements": gather_elements,
    "Pad": pad,
    "Range": arange,
    "Reshape": reshape,
    "Shape": shape,
    "Size": size,
    "Slice": slices,
    "Split": split,
    "Squeeze": squeeze,
    "Tile": tile,
    "Transpose": transpose,
    "Unsqueeze": unsqueeze,
}
"""By their ONNX names."""
