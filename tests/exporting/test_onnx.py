"""Graphs in onnxruntime against the networks in torch."""

import logging
from pathlib import Path

import onnx
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sottovoce import __version__
from sottovoce.exporting.onnx import export_onnx
from sottovoce.models.base import Model
from sottovoce.models.enhancers import OnnxEnhancer
from sottovoce.models.graphs.runtime import Runtime
from sottovoce.perturbers import SSED, Stream
from sottovoce.weights import Card
from sottovoce.weights.store import save

pytest.importorskip("onnxscript", reason="needs the extra 'export'")


@pytest.fixture(scope="session")
def exported(traced: Model, tmp_path_factory: pytest.TempPathFactory) -> tuple[Model, Path]:
    """A small network and its graph."""
    network = traced
    logging.getLogger("torch.__trace").setLevel(logging.CRITICAL)  # pytest listens, which triples the time
    folder = tmp_path_factory.mktemp(network.architecture)
    card = Card(
        name="small",
        kind="any",
        architecture=network.architecture,
        config=network.config,
        data="none",
        recipe="none",
        seed=0,
        metrics={},
        licence="CC0-1.0",
    )
    save(folder / "small", network.state_dict(), card)
    done = export_onnx(str(folder / "small.safetensors"), folder / "small.onnx")
    assert done.error <= 1e-4 and "small.onnx: within" in done.line("small")
    return network, done.path


@settings(max_examples=6)
@given(samples=st.integers(1, 40_000), rows=st.integers(1, 2))
@example(samples=1, rows=1)
@example(samples=32_769, rows=2)
def test_onnxruntime_gives_what_torch_gives_at_any_length(
    exported: tuple[Model, Path], samples: int, rows: int
) -> None:
    network, runtime = exported[0], Runtime(exported[1])
    waveforms = 0.1 * torch.randn(rows, samples, generator=torch.Generator().manual_seed(samples))
    waveforms[-1, : samples // 2] = 0.0
    inputs = {"waveforms": waveforms}
    if "targets" in runtime.inputs:
        inputs["targets"] = torch.arange(rows)
    with torch.no_grad():
        wanted = network(**inputs)
    torch.testing.assert_close(runtime(inputs)["changed"], wanted, rtol=0, atol=1e-4)


def test_the_file_says_what_it_is(exported: tuple[Model, Path]) -> None:
    network, path = exported
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    about = {each.key: each.value for each in model.metadata_props}
    assert (about["name"], about["architecture"]) == ("small", network.architecture)
    assert (about["sottovoce"], about["licence"], about["rate"]) == (__version__, "CC0-1.0", "16000")
    assert ("labels" in about) == (network.architecture == "advgan")
    assert len(about["sha256"]) == 64
    assert not any(part in path.read_bytes() for part in (b".py", b"site-packages", bytes(path.parent)))
    if isinstance(network, SSED):
        generator, runtime = network.generator, Runtime(path)
        assert (about["context"], about["stride"]) == (str(generator.context), "3")
        waveform = 0.1 * torch.randn(5000, generator=torch.Generator().manual_seed(1))
        stream = Stream(generator, lambda rows: runtime({"waveforms": rows})["changed"])
        found = torch.cat([*(stream.push(chunk) for chunk in waveform.split(777)), stream.flush()])
        torch.testing.assert_close(found, network(waveform[None])[0].detach(), rtol=0, atol=1e-4)


def test_an_exported_enhancer_listens_as_any_other(exported: tuple[Model, Path]) -> None:
    network, path = exported
    if network.architecture != "metricgan-plus":
        pytest.skip("is no enhancer")
    waveforms = 0.1 * torch.randn(2, 3000, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(OnnxEnhancer(path)(waveforms), network(waveforms), rtol=0, atol=1e-4)
