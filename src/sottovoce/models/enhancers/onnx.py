"""A person's own enhancer in a file of the ONNX format."""

import hashlib
from pathlib import Path
from typing import Self

import torch
from torch import Tensor
from torch.nn import functional

from sottovoce.audio.batch import map_rows, zero_padding
from sottovoce.errors import SottovoceError
from sottovoce.models.enhancers.base import Enhancer
from sottovoce.models.enhancers.spectral_stream import HOP, SpectralStream, is_spectral_stream
from sottovoce.models.graphs import Graph
from sottovoce.models.graphs.runtime import Runtime
from sottovoce.models.graphs.stacked import run_stacked

EXPECTED = (
    "needed: one input of shape (batch, samples), (1, samples) or (batch, 1, samples) at 16 kHz and an output of the "
    "same length, or a streaming graph from one frame (1, 257, 1, 2) of a spectrum and states to the same"
)
TRIAL = 8000
"""Samples of noise on which the interpreter must agree with onnxruntime."""
TOLERANCE = 1e-3
"""Of the largest sample."""
SHORTFALL = 4096
"""By how many samples an output may be shorter or longer than the input, as those are that work in whole frames."""


class OnnxEnhancer(Enhancer):
    """Whatever a graph does to waveforms at 16 kHz, or, frame by frame, to their spectra (see `SpectralStream`).

    Gradients reach the input where the interpreter knows every operator, and where on half a second of noise it agrees
    with onnxruntime and gives a gradient. Otherwise onnxruntime computes the graph on the CPU, the output is detached,
    and `why_black_box` says why. Outputs that are shorter or longer than the input are filled up or cut at their end.

    Args:
        path: a file in the ONNX format.

    Attributes:
        differentiable: whether gradients reach the input.
        why_black_box: a sentence that says why they do not; None if they do.

    Raises:
        SottovoceError: there is no such file, onnxruntime cannot read or compute it, or its inputs are others.

    Example:
        >>> enhancer = OnnxEnhancer("denoiser.onnx")  # doctest: +SKIP
        >>> enhancer.differentiable, enhancer.why_black_box  # doctest: +SKIP
        (False, 'denoiser.onnx: has operators without gradients here: Resize')
    """

    architecture = "onnx"

    def __init__(self, path: str | Path) -> None:
        super().__init__()
        runtime = Runtime(path)
        self.config = {"sha256": hashlib.sha256(Path(path).read_bytes()).hexdigest()}
        """The SHA-256 of the file."""
        self.body: Enhancer
        self.why_black_box: str | None = None
        if is_spectral_stream(runtime):
            self.seam = HOP
            box: Enhancer = SpectralStream(path, differentiable=False)
        elif _is_of_waveforms(runtime):
            box = Waveforms(runtime)
        else:
            written = zip(runtime.inputs.items(), runtime.types, strict=True)
            taken = ", ".join(f"{name} {_written(shape)} of type {kind}" for (name, shape), kind in written)
            raise SottovoceError(f"{path}: takes {taken}; {EXPECTED}")
        right = box(_noise(1))
        try:
            self.body = SpectralStream(path) if is_spectral_stream(runtime) else Waveforms(Graph(path))
            self.why_black_box = _fault(self.body, right, path)
        except SottovoceError as reason:
            self.why_black_box = str(reason)
        except Exception as reason:  # torch raises several kinds for shapes that do not fit
            first = (str(reason) or type(reason).__name__).splitlines()[0]
            self.why_black_box = f"{path}: cannot be computed with gradients: {first}"
        if self.why_black_box is not None:
            self.body, self.differentiable = box, False
        self.eval()

    @classmethod
    def load(cls, name: str) -> Self:
        """Same as the constructor."""
        return cls(name)

    @property
    def device(self) -> torch.device:
        """Where the weights are; the CPU for a black box."""
        return next(self.buffers(), torch.zeros(())).device

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        enhanced: Tensor = self.body(waveforms if self.differentiable else waveforms.detach(), lengths)
        return enhanced


class Waveforms(Enhancer):
    """A graph from waveforms to waveforms, as an enhancer.

    Args:
        graph: has one input, `(samples,)`, `(batch, samples)` or `(batch, 1, samples)`, where the batch may be fixed at
            1, and an output with as many samples.
    """

    architecture = "onnx-waveforms"

    def __init__(self, graph: Graph | Runtime) -> None:
        super().__init__()
        self.graph, self.differentiable = graph, isinstance(graph, Graph)
        (self.heard, shape), self.said = next(iter(graph.inputs.items())), next(iter(graph.outputs))
        self.rank, self.takes_batches = len(shape), len(shape) > 1 and not isinstance(shape[0], int)
        self.takes_batches = self.takes_batches and self._keeps_rows_apart()

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        return map_rows(self._enhance, zero_padding(waveforms, lengths), lengths)

    def _enhance(self, rows: Tensor) -> Tensor:
        """Rows of equal length, `(rows, samples)`."""
        samples = rows.shape[-1]
        if not samples:
            return rows
        if self.takes_batches:
            said = self.graph({self.heard: rows[:, None] if self.rank == 3 else rows})[self.said]
        else:
            items = rows.reshape(len(rows), *[1] * (self.rank - 1), samples)
            if isinstance(self.graph, Graph):
                said = run_stacked(self.graph, {self.heard: items}, wanted=[self.said])[self.said]
            else:
                said = torch.stack([self.graph({self.heard: item})[self.said] for item in items])
        return self._of_length(said.reshape(len(rows), -1), samples)

    @torch.no_grad()
    def _keeps_rows_apart(self) -> bool:
        """Whether the graph gives for two rows what it gives for each; some only say that they take more than one."""
        rows = _noise(2)
        try:
            both, each = self(rows), torch.cat([self(row[None]) for row in rows])
        except Exception:  # torch raises several kinds for shapes that do not fit
            return False
        return float((both - each).abs().max()) <= TOLERANCE * float(each.abs().max())

    def _of_length(self, said: Tensor, samples: int) -> Tensor:
        if abs(said.shape[-1] - samples) > SHORTFALL:
            raise SottovoceError(f"{self.graph.name}: gives {said.shape[-1]} samples for {samples}; {EXPECTED}")
        return functional.pad(said, (0, samples - said.shape[-1]))


def _fault(body: Enhancer, right: Tensor, path: str | Path) -> str | None:
    """What is wrong with an enhancer that should give what is right, and gradients; None if nothing is."""
    noise = _noise(1).requires_grad_()
    found = body(noise)
    error = float((found.detach() - right).abs().max() / right.abs().max().clamp(min=1e-6))
    if not error <= TOLERANCE:
        return f"{path}: with gradients, the answer would be {error:.0%} off"
    gradient = torch.autograd.grad(found.square().sum(), noise)[0] if found.requires_grad else torch.zeros(1)
    if not gradient.any() or not gradient.isfinite().all():
        return f"{path}: no gradient reaches the input"
    return None


def _noise(rows: int) -> Tensor:
    return 0.05 * torch.randn(rows, TRIAL, generator=torch.Generator().manual_seed(0))


def _is_of_waveforms(runtime: Runtime) -> bool:
    if runtime.types != ["tensor(float)"]:
        return False
    *others, samples = next(iter(runtime.inputs.values())) or (1,)
    free = all(size == 1 or isinstance(size, str) for size in others)
    return len(others) < 3 and free and not isinstance(samples, int)


def _written(shape: tuple[int | str, ...]) -> str:
    return "(" + ", ".join(str(size or "?") for size in shape) + ")"
