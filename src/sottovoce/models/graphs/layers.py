"""ONNX operators that sum: products, convolutions, normalisations, as functions with ONNX's attributes as keywords."""

from collections.abc import Callable, Sequence
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from sottovoce.models.graphs.elementwise import together
from sottovoce.models.graphs.shapes import listed

Padding = Literal["NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"]


def matmul(first: Tensor, second: Tensor) -> Tensor:
    return torch.matmul(*together(first, second))


def gemm(
    a: Tensor,
    b: Tensor,
    c: Tensor | None = None,
    *,
    alpha: float = 1.0,
    beta: float = 1.0,
    transA: int = 0,
    transB: int = 0,
) -> Tensor:
    product = alpha * ((a.T if transA else a) @ (b.T if transB else b))
    return product if c is None else product + beta * c


def einsum(*tensors: Tensor, equation: str) -> Tensor:
    return torch.einsum(equation, *tensors)


def conv(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    auto_pad: Padding = "NOTSET",
    dilations: Sequence[int] | None = None,
    group: int = 1,
    kernel_shape: Sequence[int] | None = None,
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
) -> Tensor:
    rank = weight.ndim - 2
    strides, dilations = strides or [1] * rank, dilations or [1] * rank
    before, after = [0] * rank, [0] * rank
    if auto_pad == "NOTSET" and pads is not None:
        before, after = list(pads[:rank]), list(pads[rank:])
    elif auto_pad.startswith("SAME"):
        for axis in range(rank):
            length, stride, reach = x.shape[2 + axis], strides[axis], (weight.shape[2 + axis] - 1) * dilations[axis]
            total = max(0, (-(-length // stride) - 1) * stride + reach + 1 - length)
            less, more = total // 2, total - total // 2
            before[axis], after[axis] = (less, more) if auto_pad == "SAME_UPPER" else (more, less)
    if before != after:
        flat = [number for axis in reversed(range(rank)) for number in (before[axis], after[axis])]
        x, before = functional.pad(x, flat), [0] * rank
    function = {1: torch.conv1d, 2: torch.conv2d, 3: torch.conv3d}[rank]
    return function(x, weight, bias, list(strides), before, list(dilations), group)


def conv_transpose(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    auto_pad: Literal["NOTSET", "VALID"] = "NOTSET",
    dilations: Sequence[int] | None = None,
    group: int = 1,
    kernel_shape: Sequence[int] | None = None,
    output_padding: Sequence[int] | None = None,
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
) -> Tensor:
    rank = weight.ndim - 2
    numbers = list(pads) if pads is not None and auto_pad == "NOTSET" else [0] * 2 * rank
    before, after = numbers[:rank], numbers[rank:]
    function = {1: functional.conv_transpose1d, 2: functional.conv_transpose2d, 3: functional.conv_transpose3d}[rank]
    even = before == after
    y: Tensor = function(
        x,
        weight,
        bias,
        list(strides or [1] * rank),
        before if even else [0] * rank,
        list(output_padding or [0] * rank),
        group,
        list(dilations or [1] * rank),
    )
    if not even:
        for axis in range(rank):
            y = y.narrow(2 + axis, before[axis], y.shape[2 + axis] - before[axis] - after[axis])
    return y


def batch_normalization(
    x: Tensor,
    scale: Tensor,
    bias: Tensor,
    mean: Tensor,
    variance: Tensor,
    *,
    epsilon: float = 1e-5,
    momentum: float = 0.9,
    training_mode: Literal[0] = 0,
    spatial: Literal[1] = 1,
) -> Tensor:
    gain = scale * torch.rsqrt(variance + epsilon)
    sizes = (-1, *[1] * (x.ndim - 2))
    return x * gain.reshape(sizes) + (bias - mean * gain).reshape(sizes)


def layer_normalization(
    x: Tensor, scale: Tensor, bias: Tensor | None = None, *, axis: int = -1, epsilon: float = 1e-5, stash_type: int = 1
) -> Tensor:
    axes = tuple(range(axis % x.ndim, x.ndim))
    variance, mean = torch.var_mean(x, axes, correction=0, keepdim=True)
    y = (x - mean) * torch.rsqrt(variance + epsilon) * scale
    return y if bias is None else y + bias


def instance_normalization(x: Tensor, scale: Tensor, bias: Tensor, *, epsilon: float = 1e-5) -> Tensor:
    variance, mean = torch.var_mean(x, tuple(range(2, x.ndim)), correction=0, keepdim=True)
    sizes = (-1, *[1] * (x.ndim - 2))
    return (x - mean) * torch.rsqrt(variance + epsilon) * scale.reshape(sizes) + bias.reshape(sizes)


def softmax(x: Tensor, *, axis: int | None = None, opset: int) -> Tensor:
    """Along one axis; before opset 13, over all axes from `axis` on."""
    if opset >= 13:
        return torch.softmax(x, -1 if axis is None else axis)
    first = (1 if axis is None else axis) % x.ndim
    return torch.softmax(x.flatten(first), first).reshape(x.shape)


def log_softmax(x: Tensor, *, axis: int | None = None, opset: int) -> Tensor:
    """As softmax."""
    if opset >= 13:
        return torch.log_softmax(x, -1 if axis is None else axis)
    first = (1 if axis is None else axis) % x.ndim
    return torch.log_softmax(x.flatten(first), first).reshape(x.shape)


Reduction = Callable[[Tensor, tuple[int, ...], bool], Tensor]


def _reduction(function: Reduction) -> Callable[..., Tensor]:
    def operator(
        x: Tensor,
        tensor: Tensor | None = None,
        *,
        axes: Sequence[int] | None = None,
        keepdims: int = 1,
        noop_with_empty_axes: int = 0,
    ) -> Tensor:
        chosen = listed(axes, tensor)
        if not chosen and noop_with_empty_axes:
            return x
        return function(x, tuple(chosen or range(x.ndim)), bool(keepdims))

    return operator


def _product(x: Tensor, axes: tuple[int, ...], keep: bool) -> Tensor:
    for axis in sorted((axis % x.ndim for axis in axes), reverse=True):
        x = x.prod(axis, keepdim=keep)
    return x


def cumulative_sum(x: Tensor, axis: Tensor, *, exclusive: int = 0, reverse: int = 0) -> Tensor:
    along = int(axis.item())
    y = x.flip(along) if reverse else x
    y = y.cumsum(along) - y if exclusive else y.cumsum(along)
    return y.flip(along) if reverse else y


def global_average_pool(x: Tensor) -> Tensor:
    return x.mean(tuple(range(2, x.ndim)), keepdim=True)


def depth_to_space(x: Tensor, *, blocksize: int, mode: Literal["DCR", "CRD"] = "DCR") -> Tensor:
    rows, channels, height, width = x.shape
    inner = channels // blocksize**2
    if mode == "CRD":
        return functional.pixel_shuffle(x, blocksize)
    pieces = x.reshape(rows, blocksize, blocksize, inner, height, width).permute(0, 3, 4, 1, 5, 2)
    return pieces.reshape(rows, inner, height * blocksize, width * blocksize)


def stft(
    signal: Tensor,
    step: Tensor,
    window: Tensor | None = None,
    length: Tensor | None = None,
    *,
    onesided: int = 1,
) -> Tensor:
    """Spectra `(batch, frames, bins, 2)` of signals `(batch, samples, 1)`, or 2 if complex, from sample 0 on."""
    size = len(window) if window is not None else int(signal.shape[1] if length is None else length.item())
    frames = _complex(signal).unfold(1, size, int(step.item()))
    frames = frames if window is None else frames * window
    return torch.view_as_real(torch.fft.rfft(frames) if onesided else torch.fft.fft(frames))


def dft(
    x: Tensor,
    length: Tensor | None = None,
    axis_: Tensor | None = None,
    *,
    axis: int | None = None,
    inverse: int = 0,
    onesided: int = 0,
    opset: int,
) -> Tensor:
    """The Fourier transform along an axis of `(…, 1)`, or `(…, 2)` if complex; the inverse of one side is real."""
    along = int(axis_.item()) if axis_ is not None else axis if axis is not None else (1 if opset < 20 else -2)
    along, size = along % x.ndim, None if length is None else int(length.item())
    z = _complex(x)
    if inverse and onesided:
        real: Tensor = torch.fft.irfft(z, size, along)
        return real[..., None]
    function = torch.fft.ifft if inverse else torch.fft.rfft if onesided else torch.fft.fft
    return torch.view_as_real(function(z, size, along))


def _complex(x: Tensor) -> Tensor:
    return x[..., 0] if x.shape[-1] == 1 else torch.view_as_complex(x.contiguous())


LAYERS: dict[str, Callable[..., Tensor]] = {
    "BatchNormalization": batch_normalization,
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "CumSum": cumulative_sum,
    "DFT": dft,
    "DepthToSpace": depth_to_space,
    "Einsum": einsum,
    "Gemm": gemm,
    "GlobalAveragePool": global_average_pool,
    "InstanceNormalization": instance_normalization,
    "LayerNormalization": layer_normalization,
    "LogSoftmax": log_softmax,
    "MatMul": matmul,
    "ReduceL1": _reduction(lambda x, axes, keep: x.abs().sum(axes, keep)),
    "ReduceL2": _reduction(lambda x, axes, keep: torch.linalg.vector_norm(x, dim=axes, keepdim=keep)),
    "ReduceLogSumExp": _reduction(lambda x, axes, keep: x.logsumexp(axes, keep)),
    "ReduceMax": _reduction(lambda x, axes, keep: x.amax(axes, keep)),
    "ReduceMean": _reduction(lambda x, axes, keep: x.mean(axes, keep)),
    "ReduceMin": _reduction(lambda x, axes, keep: x.amin(axes, keep)),
    "ReduceProd": _reduction(_product),
    "ReduceSum": _reduction(lambda x, axes, keep: x.sum(axes, keep)),
    "ReduceSumSquare": _reduction(lambda x, axes, keep: x.square().sum(axes, keep)),
    "STFT": stft,
    "Softmax": softmax,
}
"""By their ONNX names."""
