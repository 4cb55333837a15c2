"""A person's own graphs: of waveforms, with gradients and without, of spectra, and of anything else."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from sottovoce.audio.batch import pad
from sottovoce.errors import SottovoceError
from sottovoce.models.enhancers import FastEnhancer, OnnxEnhancer
from sottovoce.models.graphs import operators
from sottovoce.weights.fingerprint import fingerprint

onnx = pytest.importorskip("onnx")
from onnx import TensorProto, helper  # noqa: E402

KERNEL = np.array([0.25, 0.5, 0.25], np.float32)
WEIGHTS = {"quarter": np.float32(0.25), "half": np.float32(0.5)}


@pytest.fixture
def write(tmp_path: Path):
    """Writes a graph from x to y."""

    def written(nodes, shape, kind=TensorProto.FLOAT, more=(), **constants) -> Path:
        made = helper.make_graph(
            nodes,
            "graph",
            [helper.make_tensor_value_info("x", kind, shape), *more],
            [helper.make_value_info("y", onnx.TypeProto())],
            [onnx.numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
        )
        model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        path = tmp_path / "own.onnx"
        path.write_bytes(onnx.shape_inference.infer_shapes(model).SerializeToString())
        return path

    return written


def smoothing(rank: int) -> tuple[list, dict[str, list[int]]]:
    """Nodes and constants for a weighted mean of three neighbouring samples."""
    pads = [*[0] * (rank - 1), 1] * 2
    nodes = [helper.make_node("Pad", ["x", "pads"], ["p"])]
    for start in (0, 1, 2):
        names = [f"start{start}", f"end{start}"]
        nodes += [helper.make_node("Slice", ["p", *names, "axis"], [f"s{start}"])]
    nodes += [
        helper.make_node("Add", ["s0", "s2"], ["sides"]),
        helper.make_node("Mul", ["sides", "quarter"], ["less"]),
        helper.make_node("Mul", ["s1", "half"], ["more"]),
        helper.make_node("Add", ["less", "more"], ["y"]),
    ]
    places = {"start0": [0], "end0": [-2], "start1": [1], "end1": [-1], "start2": [2], "end2": [2**62]}
    return nodes, {"pads": pads, "axis": [rank - 1], **places}


def noise(*sizes: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(4)
    return [0.1 * torch.randn(size, generator=generator) for size in sizes]


def smoothed(row: Tensor) -> Tensor:
    return torch.from_numpy(np.convolve(row.numpy(), KERNEL)[1:-1].astype(np.float32)) if len(row) else row


SHAPES = {
    "(batch, samples)": ["batch", "samples"],
    "(1, samples)": [1, "samples"],
    "(batch, 1, samples)": ["batch", 1, "samples"],
    "(1, 1, samples)": [1, 1, "samples"],
    "(samples)": ["samples"],
    "(unknown, unknown)": [None, None],
}


def hearing(path: Path, rows: list[Tensor]) -> tuple[OnnxEnhancer, Tensor, Tensor]:
    """The enhancer, a batch with something in its padding, and what comes out."""
    enhancer, (waveforms, lengths) = OnnxEnhancer(path), pad(rows)
    waveforms = (waveforms + (torch.arange(waveforms.shape[1]) >= lengths[:, None])).requires_grad_()
    return enhancer, waveforms, enhancer(waveforms, lengths)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_graphs_of_waveforms_become_enhancers(write, shape) -> None:
    nodes, constants = smoothing(len(shape))
    rows = noise(900, 500, 900, 0, 1)
    enhancer, waveforms, enhanced = hearing(write(nodes, shape, **WEIGHTS, **constants), rows)
    assert enhancer.differentiable and enhancer.why_black_box is None
    assert enhanced.shape == waveforms.shape
    enhanced.square().sum().backward()
    assert waveforms.grad is not None
    for row, found, gradient in zip(rows, enhanced, waveforms.grad, strict=True):
        torch.testing.assert_close(found[: len(row)], smoothed(row))
        torch.testing.assert_close(gradient[: len(row)], 2 * smoothed(smoothed(row)))
        assert not found[len(row) :].any() and not gradient[len(row) :].any()


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_without_gradients_where_an_operator_is_unknown(write, shape) -> None:
    nodes, constants = smoothing(len(shape))
    same = [helper.make_node("Shrink", ["z"], ["y"], lambd=0.0, bias=0.0)]
    nodes[-1].output[0] = "z"
    rows = noise(900, 500, 0, 1)
    enhancer, waveforms, enhanced = hearing(write(nodes + same, shape, **WEIGHTS, **constants), rows)
    assert (
        not enhancer.differentiable
        and "own.onnx: has operators without gradients here: Shrink" in enhancer.why_black_box
    )
    assert not enhanced.requires_grad and enhanced.shape == waveforms.shape
    for row, found in zip(rows, enhanced, strict=True):
        torch.testing.assert_close(found[: len(row)], smoothed(row))
        assert not found[len(row) :].any()


@pytest.mark.parametrize("known", [True, False])
def test_a_graph_that_only_says_it_takes_more_than_one_hears_one_at_a_time(write, known: bool) -> None:
    nodes = [
        helper.make_node("ReduceSum", ["x", "axes"], ["sum"]),
        helper.make_node("Add", ["x", "sum"], ["z"]),
        helper.make_node("Identity", ["z"], ["y"]) if known else helper.make_node("Shrink", ["z"], ["y"], lambd=0.0),
    ]
    enhancer, waveforms, enhanced = hearing(write(nodes, ["batch", "samples"], axes=[0]), noise(90, 90, 50))
    assert enhancer.differentiable == known
    for row, found, size in zip(waveforms.detach(), enhanced, (90, 90, 50), strict=True):
        torch.testing.assert_close(found[:size], 2 * row[:size])


def test_without_gradients_where_the_interpreter_is_wrong(write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write([helper.make_node("Neg", ["x"], ["y"])], [1, "samples"])
    monkeypatch.setitem(operators.OPERATORS, "Neg", lambda x: -1.5 * x)
    enhancer, waveforms, enhanced = hearing(path, noise(50))
    assert "50% off" in str(enhancer.why_black_box)
    torch.testing.assert_close(enhanced, -waveforms.detach())


def test_without_gradients_where_the_interpreter_fails(write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write([helper.make_node("Neg", ["x"], ["y"])], [1, "samples"])
    monkeypatch.setitem(operators.OPERATORS, "Neg", lambda x: x @ x)
    assert "own.onnx: cannot be computed with gradients: " in str(OnnxEnhancer(path).why_black_box)


def test_without_gradients_where_none_reaches_the_input(write) -> None:
    whole = [helper.make_node("Cast", ["x"], ["w"], to=7), helper.make_node("Cast", ["w"], ["y"], to=1)]
    for nodes in ([helper.make_node("Sign", ["x"], ["y"])], whole):
        assert "own.onnx: no gradient reaches the input" in str(
            OnnxEnhancer(write(nodes, [1, "samples"])).why_black_box
        )


def test_without_gradients_where_the_package_onnx_is_missing(write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write([helper.make_node("Neg", ["x"], ["y"])], [1, "samples"])
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert "pip install" in str(OnnxEnhancer(path).why_black_box)


def test_outputs_in_whole_frames_are_cut_and_shorter_ones_filled_up(write) -> None:
    longer = write([helper.make_node("Pad", ["x", "pads"], ["y"])], [1, "samples"], pads=[0, 0, 0, 300])
    (row,) = noise(800)
    assert torch.equal(OnnxEnhancer(longer)(row[None])[0], row)
    shorter = write([helper.make_node("Pad", ["x", "pads"], ["y"])], [1, "samples"], pads=[0, 0, 0, -300])
    found = OnnxEnhancer(shorter)(row[None])[0]
    assert torch.equal(found[:500], row[:500]) and not found[500:].any()


def test_streaming_graphs_of_spectra_become_enhancers(third_party) -> None:
    folder, (waveforms, lengths) = third_party("fastenhancer"), pad(noise(2000, 1000))
    (path,) = folder.glob("*.onnx")
    enhancer = OnnxEnhancer(path)
    assert enhancer.differentiable and enhancer.seam == 256
    assert torch.equal(enhancer(waveforms, lengths), FastEnhancer(folder)(waveforms, lengths))


def test_other_inputs_are_refused(write) -> None:
    twice = [helper.make_tensor_value_info("z", TensorProto.FLOAT, [1, "samples"])]
    neg = [helper.make_node("Neg", ["x"], ["y"])]
    both = [helper.make_node("Add", ["x", "z"], ["y"])]
    for path in (write(neg, [1, 512]), write(neg, [1, 2, "n"]), write(neg, ["b", 257, "n", 2]), write(neg, []),
                 write(both, [1, "samples"], more=twice)):  # fmt: skip
        with pytest.raises(SottovoceError, match=r"own\.onnx: takes x .*; needed: one input of shape"):
            OnnxEnhancer(path)


def test_other_types_and_lengths_are_refused(write) -> None:
    neg = [helper.make_node("Neg", ["x"], ["y"])]
    with pytest.raises(SottovoceError, match=r"own\.onnx: takes x .*; needed: one input"):
        OnnxEnhancer(write(neg, [1, "samples"], kind=TensorProto.DOUBLE))
    mean = [helper.make_node("ReduceMean", ["x"], ["y"], axes=[1])]
    with pytest.raises(SottovoceError, match="gives 1 samples for 8000; needed: "):
        OnnxEnhancer(write(mean, [1, "samples"]))


def test_files_that_are_no_graphs_are_named(tmp_path: Path) -> None:
    with pytest.raises(SottovoceError, match=r"none\.onnx: no such file"):
        OnnxEnhancer(tmp_path / "none.onnx")
    (tmp_path / "bad.onnx").write_bytes(b"no network")
    with pytest.raises(SottovoceError, match=r"bad\.onnx: onnxruntime cannot read it"):
        OnnxEnhancer(tmp_path / "bad.onnx")


def test_its_fingerprint_is_that_of_its_file(write) -> None:
    one = fingerprint(OnnxEnhancer.load(str(write([helper.make_node("Neg", ["x"], ["y"])], [1, "samples"]))))
    other = fingerprint(OnnxEnhancer(write([helper.make_node("Abs", ["x"], ["y"])], [1, "samples"])))
    assert one != other
