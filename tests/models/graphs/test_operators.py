"""Each operator in a graph of one node, against onnxruntime."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from sottovoce.models.graphs import Graph
from sottovoce.models.graphs.operators import OPERATORS

onnx = pytest.importorskip("onnx")

Array = NDArray[Any]


class Case(NamedTuple):
    """A node: arrays of floats are its inputs, others, and those in `fixed` by position, are constants."""

    kind: str
    inputs: list[Array | None]
    attributes: Mapping[str, Any] = MappingProxyType({})
    opset: int = 17
    outputs: int = 1
    fixed: tuple[int, ...] = ()


def noise(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(np.float32)


def whole(*values: int) -> Array:
    return np.array(values, dtype=np.int64)


X, Y = noise(2, 3, 4, 5), noise(3, 1, 5, seed=1)
SOME = np.array([True, False, True])
UNARY = [
    "Abs", "Atan", "Ceil", "Cos", "Erf", "Exp", "Floor", "HardSwish", "Identity", "Neg", "Reciprocal", "Relu", "Round",
    "Sigmoid", "Sign", "Sin", "Softplus", "Softsign", "Tan", "Tanh", "Celu", "Dropout", "Elu", "HardSigmoid",
    "LeakyRelu", "Selu", "ThresholdedRelu",
]  # fmt: skip
NORMS = [noise(3, seed=seed) for seed in range(3)]
REDUCTIONS = ["L1", "L2", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare"]


def recurrent(kind: str, directions: int = 1, states: bool = False, bias: bool = True, **attributes: Any) -> Case:
    gates, size, features = {"GRU": 3, "LSTM": 4}[kind], 5, 4
    inputs: list[Array | None] = [
        noise(7, 2, features),
        0.5 * noise(directions, gates * size, features),
        0.5 * noise(directions, gates * size, size),
        0.5 * noise(directions, 2 * gates * size) if bias else None,
        None,
        noise(directions, 2, size) if states else None,
    ]
    if kind == "LSTM":
        inputs.append(noise(directions, 2, size, seed=3) if states else None)
    return Case(kind, inputs, {"hidden_size": size, **attributes}, outputs=gates - 1, fixed=(1, 2, 3))


CASES = [
    *(Case(kind, [X]) for kind in UNARY),
    *(Case(kind, [np.abs(X) + 0.1]) for kind in ("Log", "Sqrt")),
    *(Case(kind, [np.tanh(X)]) for kind in ("Acos", "Asin")),
    *(Case(kind, [X, Y]) for kind in ("Add", "Sub", "Mul", "Div", "Max", "Min", "Mean", "Sum")),
    *(Case(kind, [X, Y]) for kind in ("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual")),
    *(Case(kind, [SOME, np.array([True, True, False])]) for kind in ("And", "Or", "Xor")),
    Case("Not", [SOME]),
    Case("IsNaN", [np.where(X > 1, np.nan, X).astype(np.float32)]),
    Case("Gelu", [X], opset=20),
    Case("Gelu", [X], {"approximate": "tanh"}, opset=20),
    Case("Mish", [X], opset=18),
    Case("Elu", [X], {"alpha": 0.3}),
    Case("LeakyRelu", [X], {"alpha": 0.3}),
    Case("PRelu", [X, noise(3, 1, 1)]),
    Case("Div", [whole(7, 8, 9), whole(2, 3, 4)]),
    Case("Mod", [whole(7, -8, 9), whole(-2, 3, 4)]),
    Case("Mod", [noise(3), noise(3, seed=1)], {"fmod": 1}),
    Case("Pow", [np.abs(X), np.array(0.3, np.float32)], fixed=(1,)),
    Case("Pow", [X, np.array(2, np.int64)]),
    Case("Clip", [X, np.array(-0.5, np.float32), np.array(0.7, np.float32)], fixed=(1, 2)),
    Case("Clip", [X, None, np.array(0.7, np.float32)], fixed=(2,)),
    Case("Clip", [X]),
    Case("Clip", [X], {"min": -0.2, "max": 0.4}, opset=6),
    Case("Where", [X > 0, X, Y]),
    Case("Cast", [X], {"to": 7}),
    Case("Cast", [whole(1, 2)], {"to": 1}),
    Case("CastLike", [X, whole(1)]),
    Case("Concat", [X, X + 1], {"axis": -1}),
    Case("Expand", [noise(3, 1), whole(2, 1, 4)]),
    Case("Expand", [noise(2, 3, 4), whole(3, 1)]),
    Case("Flatten", [X], {"axis": 2}),
    Case("Flatten", [X], {"axis": -1}),
    Case("Gather", [X, whole(0, -1, 1)], {"axis": 2}),
    Case("Gather", [X, np.array(-2, np.int64)], {"axis": -1}),
    Case("Gather", [X, np.array([[0, 1], [2, 0]], np.int64)], {"axis": 1}),
    Case("GatherElements", [noise(2, 3), np.array([[0, -1, 1]], np.int64)], {"axis": 1}),
    Case("Pad", [X, whole(0, 0, 1, 2, 0, 0, 3, 0)]),
    Case("Pad", [X, whole(0, 0, -1, 2, 0, 0, 3, -2), np.array(0.5, np.float32)], fixed=(2,)),
    Case("Pad", [X, whole(1, 2), None, whole(-1)], opset=18),
    *(Case("Pad", [X, whole(0, 1, 1, 2, 1, 0, 3, 0)], {"mode": mode}) for mode in ("reflect", "edge")),
    Case("Pad", [X, whole(0, 1, 1, 2, 1, 0, 3, 0)], {"mode": "wrap"}, opset=19),
    Case("Pad", [X], {"pads": [0, 0, 1, 2, 0, 0, 3, 0], "value": 2.0}, opset=9),
    Case("Range", [np.array(1, np.int64), np.array(9, np.int64), np.array(3, np.int64)]),
    Case("Reshape", [X, whole(0, -1, 10)]),
    Case("Reshape", [noise(0, 3), whole(3, 0)], {"allowzero": 1}),
    Case("Shape", [X]),
    Case("Shape", [X], {"start": 1, "end": -1}),
    Case("Size", [X]),
    Case("ConstantOfShape", [whole(2, 3)]),
    Case("Slice", [X, whole(1, -3), whole(9, -1), whole(2, 3)]),
    Case("Slice", [X, whole(-1, 0), whole(-99, 9), whole(3, 2), whole(-2, 3)]),
    Case("Slice", [X, whole(0, 1), whole(1, 9)]),
    Case("Slice", [X], {"starts": [1, -3], "ends": [9, -1], "axes": [2, 3]}, opset=9),
    Case("Split", [X, whole(1, 2, 2)], {"axis": -1}, outputs=3),
    Case("Split", [X], {"axis": 2}, outputs=2),
    Case("Split", [X], {"axis": -1, "split": [1, 4]}, opset=11, outputs=2),
    Case("Split", [X], {"axis": 3, "num_outputs": 2}, opset=18, outputs=2),
    Case("Squeeze", [noise(2, 1, 3, 1), whole(1, -1)]),
    Case("Squeeze", [noise(2, 1, 3, 1), whole(1)]),
    Case("Squeeze", [noise(2, 1, 3, 1)]),
    Case("Squeeze", [noise(2, 1, 3, 1)], {"axes": [3]}, opset=11),
    Case("Unsqueeze", [X, whole(-1, 0)]),
    Case("Unsqueeze", [X], {"axes": [1, 3]}, opset=11),
    Case("Tile", [X, whole(1, 2, 1, 3)]),
    Case("Transpose", [X], {"perm": [2, 0, 3, 1]}),
    Case("Transpose", [X]),
    Case("MatMul", [X, noise(2, 1, 5, 3)]),
    Case("MatMul", [X, noise(5)]),
    Case("Gemm", [noise(3, 4), noise(4, 5), noise(5)]),
    Case("Gemm", [noise(4, 3), noise(5, 4), noise(3, 1)], {"alpha": 0.5, "beta": 2.0, "transA": 1, "transB": 1}),
    Case("Gemm", [noise(3, 4), noise(4, 5)]),
    Case("Einsum", [noise(2, 3, 4, 5), noise(4, 5, 6)], {"equation": "btgi,gih->btgh"}),
    Case("Conv", [noise(2, 4, 9), noise(6, 2, 3), noise(6)], {"group": 2, "dilations": [2], "pads": [3, 1]}),
    Case("Conv", [noise(2, 4, 9), noise(6, 4, 3)], {"pads": [1, 1], "strides": [2], "kernel_shape": [3]}),
    Case("Conv", [noise(2, 4, 9, 8), noise(4, 1, 3, 2), noise(4)], {"group": 4, "pads": [0, 1, 2, 0]}),
    Case("Conv", [noise(2, 3, 9, 8), noise(4, 3, 3, 2)], {"strides": [1, 2], "auto_pad": "SAME_UPPER"}),
    Case("Conv", [noise(2, 3, 9, 8), noise(4, 3, 4, 2)], {"strides": [3, 2], "auto_pad": "SAME_LOWER"}),
    Case("Conv", [noise(2, 3, 9, 8), noise(4, 3, 3, 2)], {"auto_pad": "VALID"}),
    Case("ConvTranspose", [noise(2, 4, 9), noise(4, 3, 4), noise(6)], {"group": 2, "strides": [2], "pads": [1, 1]}),
    Case("ConvTranspose", [noise(2, 4, 9), noise(4, 3, 4)], {"strides": [2], "pads": [0, 3], "output_padding": [1]}),
    Case(
        "ConvTranspose", [noise(2, 4, 5, 4), noise(4, 1, 1, 3)], {"group": 4, "strides": [1, 2], "pads": [0, 1, 0, 1]}
    ),
    Case("ConvTranspose", [noise(1, 2, 5, 4), noise(2, 3, 2, 3)], {"dilations": [2, 1], "pads": [1, 0, 0, 2]}),
    Case("BatchNormalization", [X, *NORMS, np.abs(noise(3, seed=9)) + 0.1], {"epsilon": 0.01}),
    Case("InstanceNormalization", [X, NORMS[0], NORMS[1]], {"epsilon": 0.01}),
    Case("LayerNormalization", [X, noise(5), noise(5, seed=1)]),
    Case("LayerNormalization", [X, noise(4, 5)], {"axis": -2, "epsilon": 0.01}),
    *(Case(kind, [X], {"axis": axis}) for kind in ("Softmax", "LogSoftmax") for axis in (1, -1)),
    *(Case(kind, [X], {"axis": 2}, opset=11) for kind in ("Softmax", "LogSoftmax")),
    Case("Softmax", [X], opset=11),
    Case("GlobalAveragePool", [X]),
    *(Case(f"Reduce{name}", [X], {"axes": [-1, 1], "keepdims": 0}, opset=11) for name in REDUCTIONS),
    *(Case(f"Reduce{name}", [X, whole(2, -1)], opset=18) for name in REDUCTIONS if name != "Sum"),
    Case("ReduceSum", [X, whole(2, -1)]),
    Case("ReduceSum", [X]),
    Case("ReduceSum", [X], {"noop_with_empty_axes": 1}),
    Case("CumSum", [X, np.array(2, np.int64)]),
    Case("CumSum", [X, np.array(-1, np.int64)], {"exclusive": 1, "reverse": 1}),
    Case("DepthToSpace", [noise(2, 8, 3, 4)], {"blocksize": 2}),
    Case("DepthToSpace", [noise(2, 8, 3, 4)], {"blocksize": 2, "mode": "CRD"}),
    Case("STFT", [noise(2, 50, 1), np.array(4, np.int64), np.hanning(16).astype(np.float32), np.array(16, np.int64)]),
    Case("STFT", [noise(2, 50, 1), np.array(7, np.int64), None, np.array(16, np.int64)], {"onesided": 0}),
    Case("DFT", [noise(2, 16, 1)]),
    Case("DFT", [noise(2, 16, 2)], {"inverse": 1}),
    Case("DFT", [noise(2, 16, 1)], {"onesided": 1}),
    Case("DFT", [noise(2, 16, 3, 2), np.array(8, np.int64)], {"axis": 1}),
    Case("DFT", [noise(2, 16, 3, 1), np.array(32, np.int64), np.array(1, np.int64)], opset=20),
    Case("DFT", [noise(2, 3, 16, 1)], opset=20),
    recurrent("GRU", linear_before_reset=1),
    recurrent("GRU", states=True, linear_before_reset=1, direction="reverse"),
    recurrent("GRU", 2, states=True, linear_before_reset=1, direction="bidirectional"),
    recurrent("GRU", bias=False, linear_before_reset=1),
    recurrent("GRU", states=True),
    recurrent("GRU", 2, states=True, direction="bidirectional"),
    recurrent("LSTM"),
    recurrent("LSTM", states=True, direction="reverse"),
    recurrent("LSTM", 2, states=True, direction="bidirectional"),
    recurrent("LSTM", bias=False, activations=["Sigmoid", "Tanh", "Tanh"]),
]


def model(case: Case) -> tuple[bytes, dict[str, Array]]:
    """The graph of one node, and its inputs by name."""
    helper, types = onnx.helper, onnx.helper.np_dtype_to_tensor_dtype
    names = [f"in{at}" if value is not None else "" for at, value in enumerate(case.inputs)]
    fixed = {
        name: value
        for at, (name, value) in enumerate(zip(names, case.inputs, strict=True))
        if value is not None and (at in case.fixed or (value.dtype == np.int64 and at > 0))
    }
    free = {
        name: value for name, value in zip(names, case.inputs, strict=True) if value is not None and name not in fixed
    }
    outputs = [f"out{at}" for at in range(case.outputs)]
    graph = helper.make_graph(
        [helper.make_node(case.kind, names, outputs, **case.attributes)],
        "one",
        [helper.make_tensor_value_info(name, types(value.dtype), value.shape) for name, value in free.items()],
        [helper.make_value_info(name, onnx.TypeProto()) for name in outputs],
        [onnx.numpy_helper.from_array(value, name) for name, value in fixed.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", case.opset)], ir_version=8)
    return onnx.shape_inference.infer_shapes(made).SerializeToString(), free


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}-{case.opset}-{dict(case.attributes)}")
def test_gives_what_onnxruntime_gives(case: Case) -> None:
    source, inputs = model(case)
    right = onnxruntime.InferenceSession(source, providers=["CPUExecutionProvider"]).run(None, inputs)
    found = Graph(source)({name: torch.from_numpy(value) for name, value in inputs.items()})
    for tensor, array in zip(found.values(), right, strict=True):
        torch.testing.assert_close(tensor, torch.from_numpy(np.array(array)), rtol=1e-5, atol=2e-6, equal_nan=True)


def test_every_operator_of_the_table_is_tested() -> None:
    assert {*OPERATORS} == {case.kind for case in CASES} - {"GRU", "LSTM"}


SMOOTH = [
    case
    for case in CASES
    if case.kind
    in (
        "ConvTranspose",
        "DFT",
        "Einsum",
        "GRU",
        "LSTM",
        "LayerNormalization",
        "Pow",
        "ReduceL2",
        "STFT",
        "Slice",
        "Where",
    )
]


@pytest.mark.parametrize("case", SMOOTH, ids=lambda case: f"{case.kind}-{case.opset}-{dict(case.attributes)}")
def test_gradients_are_those_of_finite_differences(case: Case) -> None:
    source, inputs = model(case)
    graph, names = Graph(source).double(), [name for name, value in inputs.items() if value.dtype == np.float32]

    def outputs(*tensors: Tensor) -> tuple[Tensor, ...]:
        fixed = {name: torch.from_numpy(value) for name, value in inputs.items()}
        return tuple(graph(fixed | dict(zip(names, tensors, strict=True))).values())

    tensors = [torch.from_numpy(inputs[name]).double().requires_grad_() for name in names]
    assert torch.autograd.gradcheck(outputs, tensors, fast_mode=True)
