"""Enhancers published as ONNX graphs that hear one frame of a spectrum a call: FastEnhancer and FSPEN."""

import hashlib
from pathlib import Path
from typing import Self

import torch
from torch import Tensor

from sottovoce.audio.batch import zero_padding
from sottovoce.audio.spectral import STFT
from sottovoce.errors import SottovoceError
from sottovoce.models.enhancers.base import Enhancer
from sottovoce.models.graphs import Graph
from sottovoce.models.graphs.runtime import Runtime, RuntimeStream
from sottovoce.models.graphs.streams import Stream

SIZE, HOP = 512, 256
FRAME = (1, SIZE // 2 + 1, 1, 2)
"""One frame: real and imaginary part of each bin."""


class SpectralStream(Enhancer):
    """A graph from one frame of a spectrum, and states, to the enhanced frame and the next states.

    STFT of 512 points with a Hann window every 256 samples, frame k around sample 256·k, and zeros beyond the ends of a
    recording; states start at zero. All frames of a batch go through the graph at once where its states allow it.
    Nothing lags.

    Args:
        path: a graph whose first input and output are `(1, 257, 1, 2)`, real and imaginary parts; each further input is
            a state, and the further outputs are the next states in the same order.
        differentiable: whether torch computes the graph; if not, onnxruntime does, frame by frame.

    Raises:
        UnknownOperatorError: the graph has operators that the interpreter lacks.
        SottovoceError: there is no such file, or it is no such graph.

    Example:
        >>> enhancer = SpectralStream("fspen.spec.onnx")  # doctest: +SKIP
        >>> enhanced = enhancer(waveforms, lengths)  # doctest: +SKIP
    """

    architecture = "spectral-stream"
    seam = HOP

    def __init__(self, path: str | Path, *, differentiable: bool = True) -> None:
        super().__init__()
        graph = Graph(path) if differentiable else Runtime(path)
        if not is_spectral_stream(graph):
            raise SottovoceError(f"{path}: no graph from one frame {FRAME} and states to the same; name another")
        (self.heard, *entering), (self.said, *leaving) = graph.inputs, graph.outputs
        states = dict(zip(entering, leaving, strict=True))
        self.stream = Stream(graph, states) if isinstance(graph, Graph) else RuntimeStream(graph, states)
        self.differentiable = differentiable
        self.stft = STFT(size=SIZE, hop=HOP, window="hann")
        self.config = {"sha256": hashlib.sha256(Path(path).read_bytes()).hexdigest()}
        """The SHA-256 of the file."""
        self.eval()

    @classmethod
    def load(cls, name: str) -> Self:
        """Same as the constructor."""
        return cls(name)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.stft.window.device

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        if not waveforms.numel():
            return waveforms
        spectrum = torch.view_as_real(self.stft(zero_padding(waveforms, lengths)))
        frames = spectrum.transpose(1, 2).reshape(len(waveforms), -1, *FRAME)
        said = self.stream({self.heard: frames})[self.said].reshape(len(waveforms), -1, FRAME[1], 2)
        enhanced = torch.view_as_complex(said.contiguous()).transpose(1, 2)
        return zero_padding(self.stft.inverse(enhanced, waveforms.shape[-1]), lengths)


class FastEnhancer(SpectralStream):
    """FastEnhancer (2025): recurrent in time, attention over frequency, a complex mask.

    Source: https://github.com/aask1357/fastenhancer, the streaming graphs from spectrum to spectrum.

    Args:
        folder: a folder with one such file, for example `fastenhancer_b.spec.onnx`.

    Raises:
        SottovoceError: there is not one file that ends in ".onnx", or it is another graph.

    Example:
        >>> enhancer = FastEnhancer("models/fastenhancer")  # doctest: +SKIP
    """

    architecture = "fastenhancer"

    def __init__(self, folder: str | Path) -> None:
        super().__init__(_only_graph(folder))


class FSPEN(SpectralStream):
    """FSPEN (Yang et al., 2024): features of bands and of the whole spectrum, recurrent in time and frequency.

    Source: https://github.com/aask1357/fastenhancer, where it was trained for comparison.

    Args:
        folder: a folder with `fspen.spec.onnx`.

    Raises:
        SottovoceError: there is not one file that ends in ".onnx", or it is another graph.

    Example:
        >>> enhancer = FSPEN("models/fspen")  # doctest: +SKIP
    """

    architecture = "fspen"

    def __init__(self, folder: str | Path) -> None:
        super().__init__(_only_graph(folder))


def is_spectral_stream(graph: Graph | Runtime) -> bool:
    """Whether a graph takes one frame of a spectrum, then states of fixed shape, and gives the same."""
    inputs, outputs = list(graph.inputs.values()), list(graph.outputs.values())
    fixed = all(isinstance(size, int) for shape in inputs for size in shape)
    return fixed and len(inputs) > 1 and inputs[0] == FRAME and inputs == outputs


def _only_graph(folder: str | Path) -> Path:
    found = sorted(Path(folder).glob("*.onnx"))
    if len(found) != 1:
        raise SottovoceError(f"{folder}: holds {len(found)} files that end in .onnx; needed: one")
    return found[0]
