"""Reads a file in the ONNX format into nodes, weights, and the names and shapes of what goes in and comes out."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from sottovoce.errors import SottovoceError

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto

Shape = tuple[int | str, ...]
"""Sizes; a name stands for a size that the caller chooses."""


@dataclass(frozen=True)
class Node:
    """One operation of a graph.

    Attributes:
        kind: its ONNX operator, with the domain in front of it if that is not ONNX's own.
        inputs: names of values; "" for an optional one that is left out.
        outputs: names of values; "" for one that nobody needs.
        attributes: settings by their ONNX names: numbers, strings, lists of them, tensors.
        opset: the version of ONNX's operators that the file means.
    """

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]
    opset: int


@dataclass(frozen=True)
class Plan:
    """What a file says.

    Attributes:
        name: how to call it in messages.
        nodes: in an order in which they can be computed.
        constants: weights and other fixed tensors by name.
        inputs, outputs: shapes by name.
    """

    name: str
    nodes: tuple[Node, ...]
    constants: dict[str, Tensor]
    inputs: dict[str, Shape]
    outputs: dict[str, Shape]


def read(source: str | Path | bytes) -> Plan:
    """Read a graph.

    Args:
        source: a path, or what the file holds.

    Raises:
        SottovoceError: there is no such file, it is not in the ONNX format, or the package `onnx` is not installed.
    """
    name = "the graph" if isinstance(source, bytes) else str(source)
    model = _parse(source, name)
    opset = next((each.version for each in model.opset_import if each.domain in ("", "ai.onnx")), 1)
    graph = model.graph
    constants = {each.name: _tensor(each) for each in graph.initializer}
    nodes = []
    for proto in graph.node:
        node = _node(proto, opset)
        if node.kind == "Constant":
            constants[node.outputs[0]] = _constant(node)
        else:
            nodes.append(node)
    inputs = {each.name: _shape(each) for each in graph.input if each.name not in constants}
    outputs = {each.name: _shape(each) for each in graph.output}
    known = {"", *constants, *inputs}
    for node in nodes:
        if not known.issuperset(node.inputs):
            raise SottovoceError(f"{name}: uses {min({*node.inputs} - known)!r} before it is there; get the file again")
        known.update(node.outputs)
    if not outputs or not known.issuperset(outputs):
        raise SottovoceError(f"{name}: cannot read it as an ONNX model; get the file again")
    return Plan(name, tuple(nodes), constants, inputs, outputs)


def _parse(source: str | Path | bytes, name: str) -> "ModelProto":
    try:
        import onnx
        import onnx.inliner
    except ImportError as error:
        raise SottovoceError(f"{name}: needs the package onnx; pip install 'sottovoce[listeners]' brings it") from error
    if not isinstance(source, bytes) and not Path(source).is_file():
        raise SottovoceError(f"{name}: no such file; check the name")
    try:
        model = onnx.load_from_string(source) if isinstance(source, bytes) else onnx.load(str(source))
        if model.functions:
            model = onnx.inliner.inline_local_functions(model)
    except Exception as error:  # protobuf and onnx raise several kinds
        raise SottovoceError(f"{name}: cannot read it as an ONNX model; get the file again") from error
    return model


def _node(proto: "NodeProto", opset: int) -> Node:
    import onnx

    kind = proto.op_type if proto.domain in ("", "ai.onnx") else f"{proto.domain}.{proto.op_type}"
    attributes = {each.name: _plain(onnx.helper.get_attribute_value(each)) for each in proto.attribute}
    return Node(kind, tuple(proto.input), tuple(proto.output), attributes, opset)


def _plain(value: Any) -> Any:
    """An attribute's value without types of the package `onnx`, except for graphs within the graph."""
    import onnx

    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, onnx.TensorProto):
        return _tensor(value)
    if isinstance(value, (int, float)) or not hasattr(value, "__iter__"):
        return value
    return [_plain(each) for each in value]


def _constant(node: Node) -> Tensor:
    (value,) = node.attributes.values()
    if isinstance(value, Tensor):
        return value
    whole = isinstance(value, int) or (isinstance(value, list) and all(isinstance(each, int) for each in value))
    return torch.tensor(value, dtype=torch.int64 if whole else torch.float32)


def _tensor(proto: "TensorProto") -> Tensor:
    from onnx import numpy_helper

    array = np.array(numpy_helper.to_array(proto))  # a copy that may be written to
    return torch.from_numpy(array.astype(array.dtype.newbyteorder("="), copy=False))


def _shape(value: "ValueInfoProto") -> Shape:
    return tuple(size.dim_param or size.dim_value for size in value.type.tensor_type.shape.dim)
