"""Graphs over many items and frames at once, against one by one."""

import numpy as np
import pytest
import torch
from torch import Tensor

from sottovoce.models.graphs import Graph
from sottovoce.models.graphs.stacked import run_stacked
from sottovoce.models.graphs.streams import Stream

onnx = pytest.importorskip("onnx")
from onnx import TensorProto, helper  # noqa: E402

SIZE, HIDDEN = 3, 4


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(np.float32)


def graph_of(nodes, inputs, outputs, **constants) -> Graph:
    made = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        [onnx.numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return Graph(model.SerializeToString())


def recurrent(kind: str = "GRU", turned: bool = False, used_twice: bool = False, gated: bool = False) -> Graph:
    """Two frames of (batch 2) a call into a recurrent layer, whose states lie transposed in one input each."""
    gates, states = {"GRU": (3, ["h"]), "LSTM": (4, ["h", "c"])}[kind]
    nodes = [helper.make_node("Tanh", ["x"], ["t"])]
    nodes += [helper.make_node("Transpose", [f"{state}_in"], [f"{state}_0"], perm=[0, 2, 1]) for state in states]
    nodes.append(
        helper.make_node(
            kind,
            ["t", "w", "r", "", "", *(f"{state}_0" for state in states)],
            ["y", *(f"{state}_1" for state in states)],
            hidden_size=HIDDEN,
            **({"linear_before_reset": 1} if kind == "GRU" else {}),
        )
    )
    ends = [f"{state}_1" for state in states]
    if turned:
        nodes.append(helper.make_node("Neg", [ends[0]], ["turned"]))
        ends[0] = "turned"
    if gated:  # by what is 1 for almost all inputs
        nodes += [helper.make_node("Abs", ["t"], ["a"]), helper.make_node("Sign", ["a"], ["g"])]
        nodes += [helper.make_node("ReduceMax", ["g"], ["gate"]), helper.make_node("Mul", ["gate", ends[0]], ["gated"])]
        ends[0] = "gated"
    nodes += [
        helper.make_node("Transpose", [end], [f"{state}_out"], perm=[0, 2, 1])
        for end, state in zip(ends, states, strict=True)
    ]
    nodes.append(helper.make_node("Mul", ["y", "h_0" if used_twice else "y"], ["said"]))
    shape = (1, HIDDEN, 2)
    return graph_of(
        nodes,
        {"x": (2, 2, SIZE), **{f"{state}_in": shape for state in states}},
        {"said": (2, 1, 2, HIDDEN), **{f"{state}_out": shape for state in states}},
        w=noise(1, gates * HIDDEN, SIZE),
        r=noise(1, gates * HIDDEN, HIDDEN),
    )


def buffered() -> Graph:
    """The mean of this frame and the one before."""
    nodes = [helper.make_node("Add", ["x", "before"], ["y"]), helper.make_node("Identity", ["x"], ["now"])]
    return graph_of(nodes, {"x": (1, SIZE), "before": (1, SIZE)}, {"y": (1, SIZE), "now": (1, SIZE)})


def frame_by_frame(graph: Graph, frames: Tensor) -> Tensor:
    (heard, *entering), (said, *leaving) = graph.inputs, graph.outputs
    rows = []
    for row in frames:
        states, given = {name: torch.zeros(graph.inputs[name]) for name in entering}, []
        for frame in row:
            found = graph({heard: frame, **states})
            states = {name: found[end] for name, end in zip(entering, leaving, strict=True)}
            given.append(found[said])
        rows.append(torch.stack(given))
    return torch.stack(rows)


@pytest.mark.parametrize(
    "graph, at_once",
    [
        (recurrent("GRU"), True),
        (recurrent("LSTM"), True),
        (recurrent("GRU", turned=True), False),
        (recurrent("LSTM", turned=True), False),
        (recurrent("GRU", used_twice=True), False),
        (recurrent("GRU", gated=True), False),
        (buffered(), False),
    ],
    ids=[
        "GRU",
        "LSTM",
        "GRU whose state turns",
        "LSTM whose state turns",
        "state used elsewhere",
        "state that the input resets",
        "buffer",
    ],
)
def test_whole_recordings_are_what_frames_one_by_one_are(graph: Graph, at_once: bool) -> None:
    (heard, *entering), (said, *leaving) = graph.inputs, graph.outputs
    stream = Stream(graph, dict(zip(entering, leaving, strict=True)))
    frames = torch.from_numpy(noise(3, 5, *graph.inputs[heard]))
    frames[:, 2] = 0.0
    ours, theirs = frames.clone().requires_grad_(), frames.clone().requires_grad_()
    found, right = stream({heard: ours})[said], frame_by_frame(graph, theirs)
    assert stream.at_once == at_once
    torch.testing.assert_close(found, right)
    found.square().sum().backward()
    right.square().sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad)


def shaped() -> Graph:
    """Shapes within the graph, a bidirectional layer with states from its input, a weight that is no array of it."""
    nodes = [
        helper.make_node("Shape", ["x"], ["shape"]),
        helper.make_node("Reshape", ["x", "rows"], ["flat"]),
        helper.make_node("MatMul", ["flat", "m"], ["product"]),
        helper.make_node("Reshape", ["product", "shape"], ["again"]),
        helper.make_node("ReduceMean", ["x"], ["mean"], axes=[0]),
        helper.make_node("Concat", ["mean", "mean"], ["h"], axis=0),
        helper.make_node(
            "GRU", ["again", "w", "r", "", "", "h"], ["y", "last"], hidden_size=SIZE, direction="bidirectional",
            linear_before_reset=1,
        ),
        helper.make_node("Exp", ["m"], ["fixed"]),
    ]  # fmt: skip
    return graph_of(
        nodes,
        {"x": (5, 2, SIZE)},
        {"y": (5, 2, 2, SIZE), "last": (2, 2, SIZE), "fixed": (SIZE, SIZE), "shape": (3,)},
        rows=np.array([-1, SIZE]),
        m=noise(SIZE, SIZE),
        w=noise(2, 3 * SIZE, SIZE),
        r=noise(2, 3 * SIZE, SIZE),
    )


def test_many_items_give_what_each_gives() -> None:
    graph, items = shaped(), torch.from_numpy(noise(4, 5, 2, SIZE))
    found = run_stacked(graph, {"x": items})
    for item, y, last in zip(items, found["y"], found["last"], strict=True):
        alone = graph({"x": item})
        torch.testing.assert_close(y, alone["y"])
        torch.testing.assert_close(last, alone["last"])
    assert found["fixed"].shape == (SIZE, SIZE) and found["shape"].tolist() == [5, 2, SIZE]
