"""Graphs on request, and what cannot be exported."""

import sys

import pytest
import torch

from sottovoce.exporting import onnx


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("ds-cnn", "-o", "x.onnx"), "a ds-cnn network cannot be exported; name one of advgan, dnn"),
        (("nobody", "-o", "x.onnx"), "no model"),
        (("segan", "-o", "x.pt"), "ends in .onnx"),
        (("segan", "-o", "x.onnx", "--format", "torchscript"), "the only format is onnx"),
    ],
)
def test_what_cannot_be_exported_is_one_line(run, tmp_path, monkeypatch, words, part):
    monkeypatch.chdir(tmp_path)
    code, out, err = run("export", *words)
    assert (code, out) == (2, "") and part in err and err.count("\n") == 1 and not list(tmp_path.iterdir())


def test_without_the_extra_it_says_what_to_install(run, tiny, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    code, _, err = run("export", tiny, "-o", tmp_path / "x.onnx")
    assert code == 2 and "sottovoce[export]" in err and not list(tmp_path.iterdir())


@pytest.fixture
def graph_of_nothing(monkeypatch):
    """A graph that gives back what it is given, in place of the exporter's."""
    pytest.importorskip("onnx")
    from onnx import TensorProto, helper

    def made(form, inputs, about, name):
        shapes = [
            helper.make_tensor_value_info(each, TensorProto.FLOAT, ["b", "n"]) for each in ("waveforms", "changed")
        ]
        node = helper.make_node("Identity", ["waveforms"], ["changed"])
        graph = helper.make_graph([node], "nothing", shapes[:1], shapes[1:])
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9).SerializeToString()

    monkeypatch.setattr(onnx, "_graph", made)


def test_a_graph_that_differs_from_torch_is_not_kept(run, tiny, tmp_path, graph_of_nothing):
    code, _, err = run("export", tiny, "-o", tmp_path / "x.onnx")
    assert code == 2 and "differs from torch by" in err and not list(tmp_path.iterdir())


def test_no_file_of_others_is_replaced(run, tiny, tmp_path, graph_of_nothing, monkeypatch):
    monkeypatch.setattr(onnx, "TOLERANCE", torch.inf)
    (tmp_path / "x.onnx").write_bytes(b"precious")
    code, _, err = run("export", tiny, "-o", tmp_path / "x.onnx")
    assert code == 2 and "--overwrite" in err and (tmp_path / "x.onnx").read_bytes() == b"precious"
    code, out, _ = run("export", tiny, "-o", tmp_path / "x.onnx", "--overwrite")
    assert code == 0 and "real-time factor" in out and (tmp_path / "x.onnx").read_bytes() != b"precious"
    assert run("export", tiny, "-o", tmp_path / "x.onnx")[0] == 0  # now it is its own
