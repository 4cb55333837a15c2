"""A network as a file of the ONNX format, which is tried before it is kept."""

import logging
import warnings
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.export import Dim

from sottovoce import __version__
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.errors import SottovoceError
from sottovoce.exporting.networks import FORMS
from sottovoce.journal import check_free, note
from sottovoce.loading import load
from sottovoce.models.base import Labelled
from sottovoce.models.graphs.runtime import Runtime
from sottovoce.perturbers import SSED
from sottovoce.perturbers.ssed import STRIDE
from sottovoce.speed.timing import batch, take_turns
from sottovoce.threads import one_thread
from sottovoce.weights import store
from sottovoce.writing import Staged, check_name

OPSET = 18
TOLERANCE = 1e-4
"""By how much a sample of the graph's output may differ from torch's; full scale is 1."""
LENGTHS = (1, 300, 40_000)
"""In samples, on which a graph is tried."""
INPUT, TARGETS, OUTPUT = "waveforms", "targets", "changed"


class Exported(NamedTuple):
    """What was written.

    Attributes:
        path: of the graph.
        error: largest difference from torch that was found.
        torch_factor, graph_factor: real-time factors of torch and of onnxruntime on 5 s of speech, on one thread each.
    """

    path: Path
    error: float
    torch_factor: float
    graph_factor: float

    def line(self, name: str) -> str:
        """What was done, in a line."""
        return (
            f"{name} → {self.path}: within {self.error:.0e} of torch at {', '.join(f'{each:,}' for each in LENGTHS)} "
            f"samples; real-time factor {self.graph_factor:.3f} in onnxruntime, {self.torch_factor:.3f} in torch"
        )


def export_onnx(name: str, target: Path, *, overwrite: bool = False) -> Exported:
    """Write a perturber or an enhancer as an ONNX graph from `waveforms (batch, samples)` to `changed`, the same shape.

    Both are float32 in [-1, 1] at 16 kHz; batch and length are free. AdvGAN has a second input, `targets (batch,)`,
    int64, unless it was made for a single class: the numbers of those to be heard, in the order of the property
    `labels`. SSED's properties `context` and `stride` say how to cut a recording: an output depends on so many samples
    on either side, and cuts lie at multiples of the stride.

    Args:
        name: of a bundled or downloaded model, or the path of weights with a card.
        target: the file to write.
        overwrite: whether it may replace a file that sottovoce did not write.

    Returns:
        What was written, once onnxruntime has given what torch gives.

    Raises:
        SottovoceError: the network cannot be exported, the extra is missing, the graph differs from torch, or the file
            cannot be written.

    Example:
        >>> export_onnx("ssed-ecapa-tdnn", Path("hide.onnx")).error < 1e-4  # doctest: +SKIP
        True
    """
    card, _ = store.load(name)
    if card.architecture not in FORMS:
        raise SottovoceError(
            f"{name}: a {card.architecture} network cannot be exported; name one of {', '.join(sorted(FORMS))}"
        )
    check_name(target)
    if target.suffix.lower() != ".onnx":
        raise SottovoceError(f"{target}: a graph's name ends in .onnx; change it")
    check_free(target, overwrite=overwrite)
    network = load(name)
    form = FORMS[card.architecture](network).eval()
    about = {
        "name": card.name,
        "architecture": card.architecture,
        "sottovoce": __version__,
        "licence": card.licence,
        "sha256": card.sha256,
        "rate": str(MODEL_RATE),
    }
    if isinstance(network, SSED) and not network.normalised:
        about |= {"context": str(network.generator.context), "stride": str(STRIDE)}
    if isinstance(network, Labelled):
        about |= {"labels": ",".join(network.labels)}
    with Staged() as staged:
        path = staged.write(target, _graph(form, _inputs(20_000, 2, network), about, name))
        runtime = Runtime(path)
        error = max(_difference(network, runtime, _inputs(samples, 2, network)) for samples in LENGTHS)
        if not error <= TOLERANCE:
            raise SottovoceError(f"{name}: the graph differs from torch by {error:.1e} and was not kept; report this")
        factors = _factors(network, runtime)
    note(target, {"exported": card.sha256})
    return Exported(target, error, *factors)


def _graph(form: nn.Module, inputs: dict[str, Tensor], about: dict[str, str], name: str) -> bytes:
    """The serialised graph."""
    try:
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise SottovoceError("export needs the extra 'export': pip install 'sottovoce[export]'") from error
    free = {INPUT: {0: Dim.DYNAMIC, 1: Dim.DYNAMIC}, TARGETS: {0: Dim.DYNAMIC}}
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)  # it tells of packages that it does not find, and does not need
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program = torch.onnx.export(
                form,
                tuple(inputs.values()),
                dynamo=True,
                opset_version=OPSET,
                input_names=list(inputs),
                output_names=[OUTPUT],
                dynamic_shapes=tuple(free[each] for each in inputs),
                optimize=False,  # its optimiser drops sums with 1e-10, without which silence has no logarithm
                verbose=False,
            )
    except Exception as error:  # the exporter raises several kinds, whose messages fill pages
        raise SottovoceError(f"{name}: PyTorch's exporter fails on it; --debug shows where") from error
    finally:
        logger.setLevel(level)
    assert program is not None
    program.model.metadata_props.update(about)
    program.model.producer_name, program.model.producer_version = "sottovoce", __version__
    graph = program.model_proto
    for part in (graph.graph, *graph.functions):
        for node in part.node:
            del node.metadata_props[:]  # where on this machine the code lies that made it
    content: bytes = graph.SerializeToString()
    return content


def _inputs(samples: int, rows: int, network: nn.Module) -> dict[str, Tensor]:
    """Noise that swells, the last row silent until its middle; for a network with classes, one for each row."""
    generator = torch.Generator().manual_seed(samples)
    noise = 0.1 * torch.randn(rows, samples, generator=generator) * torch.linspace(0.1, 1.0, samples)
    noise[-1, : samples // 2] = 0.0
    if not isinstance(network, Labelled) or len(network.labels) == 1:
        return {INPUT: noise}
    return {INPUT: noise, TARGETS: torch.arange(rows) % len(network.labels)}


@torch.no_grad()
def _difference(network: nn.Module, runtime: Runtime, inputs: dict[str, Tensor]) -> float:
    return float((runtime(inputs)[OUTPUT] - network(**inputs)).abs().max())


def _factors(network: nn.Module, runtime: Runtime) -> tuple[float, float]:
    """Real-time factors of torch and onnxruntime."""
    inputs = _inputs(1, 1, network) | {INPUT: batch()[:1]}
    with torch.no_grad(), one_thread():
        times = take_turns({"torch": lambda: network(**inputs), "graph": lambda: runtime(inputs)})
    seconds = inputs[INPUT].shape[-1] / MODEL_RATE
    return times["torch"] / seconds, times["graph"] / seconds
