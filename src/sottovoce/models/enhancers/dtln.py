"""DTLN (Westhausen and Meyer, 2020), differentiable."""

import hashlib
from pathlib import Path
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from sottovoce.audio.batch import zero_padding
from sottovoce.audio.overlap import overlap_add
from sottovoce.errors import SottovoceError
from sottovoce.models.enhancers.base import Enhancer
from sottovoce.models.graphs.reader import Plan, read
from sottovoce.models.graphs.recurrent import Recurrent

BLOCK, HOP = 512, 128
BINS = BLOCK // 2 + 1
LEAD = BLOCK - HOP
HIDDEN, LEARNED = 128, 256
FILES = ("model_1.onnx", "model_2.onnx")


class MaskStage(nn.Module):
    """A mask in (0, 1) from magnitudes, both `(batch, blocks, 257)`."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = nn.LSTM(BINS, HIDDEN, num_layers=2, batch_first=True)
        self.dense = nn.Linear(HIDDEN, BINS)

    def forward(self, magnitudes: Tensor) -> Tensor:
        return torch.sigmoid(self.dense(self.memory(magnitudes)[0]))


class WaveStage(nn.Module):
    """Enhanced blocks from blocks of samples, both `(batch, blocks, 512)`, by a mask on learned features."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Linear(BLOCK, LEARNED, bias=False)
        self.norm = nn.LayerNorm(LEARNED, eps=1e-7)
        self.memory = nn.LSTM(LEARNED, HIDDEN, num_layers=2, batch_first=True)
        self.dense = nn.Linear(HIDDEN, LEARNED)
        self.decoder = nn.Linear(LEARNED, BLOCK, bias=False)

    def forward(self, blocks: Tensor) -> Tensor:
        features = self.encoder(blocks)
        mask = torch.sigmoid(self.dense(self.memory(self.norm(features))[0]))
        enhanced: Tensor = self.decoder(mask * features)
        return enhanced


class DTLN(Enhancer):
    """The published two-stage network: a mask on the magnitude spectrum, then a mask in a learned domain.

    Blocks of 32 ms every 8 ms go through both stages in order; the LSTM states of each stage start at zero for every
    recording. Enhanced blocks are overlap-added at the position of their input blocks, so that the output is aligned
    with the input, without the 24 ms of latency of the streaming network. Weights are frozen, in evaluation mode.

    Args:
        folder: a folder that holds `model_1.onnx` and `model_2.onnx` of the authors' release.

    Raises:
        SottovoceError: if a file is missing, is not an ONNX model, or is another network.

    Example:
        >>> enhancer = DTLN("models/dtln")  # doctest: +SKIP
        >>> enhanced = enhancer(waveforms, lengths)  # doctest: +SKIP
    """

    architecture = "dtln"
    seam = HOP

    def __init__(self, folder: str | Path) -> None:
        super().__init__()
        self.mask_stage, self.wave_stage = MaskStage(), WaveStage()
        files = [Path(folder) / name for name in FILES]
        for file, stage, state in zip(files, (self.mask_stage, self.wave_stage), (_first, _second), strict=True):
            if not file.is_file():
                raise SottovoceError(f"{file}: no such file; DTLN needs a folder with {' and '.join(FILES)}")
            try:
                stage.load_state_dict(state(read(file)))
            except (KeyError, IndexError, ValueError, RuntimeError) as error:
                raise SottovoceError(f"{file}: not this part of DTLN; get the folder again") from error
        self.config = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
        """The SHA-256 of each file."""
        self.requires_grad_(False).eval()

    @classmethod
    def load(cls, name: str) -> Self:
        """Same as the constructor: `name` is the folder."""
        return cls(name)

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        samples = waveforms.shape[-1]
        size = (-(-(samples + LEAD) // HOP) - 1) * HOP + BLOCK
        padded = functional.pad(zero_padding(waveforms, lengths), (LEAD, size - LEAD - samples))
        spectra = torch.fft.rfft(padded.unfold(-1, BLOCK, HOP))
        masked = torch.fft.irfft(self.mask_stage(spectra.abs()) * spectra, BLOCK)
        enhanced = overlap_add(self.wave_stage(masked), HOP)
        return zero_padding(enhanced[:, LEAD : LEAD + samples], lengths)


def _first(plan: Plan) -> dict[str, Tensor]:
    """State dictionary of the mask stage: two LSTM nodes, then a product and a sum."""
    constants, nodes = plan.constants, plan.nodes
    (matrix,) = (constants[node.inputs[1]] for node in nodes if node.kind == "MatMul")
    (bias,) = (constants[node.inputs[1]] for node in nodes if node.kind == "Add")
    state = {"dense.weight": matrix.T, "dense.bias": bias}
    for at, layer in enumerate(Recurrent(node, constants).layer for node in nodes if node.kind == "LSTM"):
        state |= {f"memory.{name.replace('_l0', f'_l{at}')}": tensor for name, tensor in layer.state_dict().items()}
    return state


def _second(plan: Plan) -> dict[str, Tensor]:
    """State dictionary of the wave stage, whose LSTMs are unrolled: recurrent products with the states come first.

    The gates stand in torch's order, i, f, g, o.
    """
    constants, nodes = plan.constants, plan.nodes
    encoder, decoder = (constants[node.inputs[1]][:, :, 0] for node in nodes if node.kind == "Conv")
    own = {kind: [node.inputs[1] for node in nodes if node.kind == kind] for kind in ("MatMul", "Add", "Mul")}
    outer1, outer2, inner1, inner2, dense = (constants[name] for name in own["MatMul"])
    (scale,) = (constants[name] for name in own["Mul"] if name in constants)
    shift, bias1, bias2, bias3 = (constants[name] for name in own["Add"] if name in constants and constants[name].ndim)
    state = {"encoder.weight": encoder, "norm.weight": scale, "norm.bias": shift, "decoder.weight": decoder}
    for at, (inner, outer, bias) in enumerate([(inner1, outer1, bias1), (inner2, outer2, bias2)]):
        state |= {f"memory.weight_ih_l{at}": inner.T, f"memory.weight_hh_l{at}": outer.T}
        state |= {f"memory.bias_ih_l{at}": bias, f"memory.bias_hh_l{at}": torch.zeros_like(bias)}
    return state | {"dense.weight": dense.T, "dense.bias": bias3}
