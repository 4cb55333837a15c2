"""DTLN (Westhausen and Meyer, 2020) with onnxruntime: an enhancer without gradients."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sottovoce.audio.batch import full_lengths, unpad
from sottovoce.errors import SottovoceError
from sottovoce.models.enhancers.base import Enhancer

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

BLOCK = 512
HOP = 128
LEAD = BLOCK - HOP
STATE = (1, 2, 128, 2)
FILES = ("model_1.onnx", "model_2.onnx")


class DTLN(Enhancer):
    """The published two-stage network: a mask on the magnitude spectrum, then a mask in a learned domain.

    Blocks of 32 ms every 8 ms go through both stages in order; the LSTM states of each stage start at zero for every
    recording. Enhanced blocks are overlap-added at the position of their input blocks, so that the output is aligned
    with the input, without the 24 ms of latency of the streaming network.

    It is a black box: onnxruntime computes no gradients, so the output is detached. It runs on the CPU, one row at a
    time, on one thread.

    Args:
        folder: a folder that holds `model_1.onnx` and `model_2.onnx` of the authors' release.

    Raises:
        SottovoceError: if a file is missing or is not an ONNX model.

    Example:
        >>> enhancer = DTLN("models/dtln")  # doctest: +SKIP
        >>> enhanced = enhancer(waveforms, lengths)  # doctest: +SKIP
    """

    architecture = "dtln"
    seam = HOP

    def __init__(self, folder: str | Path) -> None:
        super().__init__()
        files = [Path(folder) / name for name in FILES]
        self.mask_stage, self.wave_stage = (_open(file) for file in files)
        self.config = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
        """The SHA-256 of each file."""

    @classmethod
    def load(cls, name: str) -> Self:
        """Same as the constructor: `name` is the folder."""
        return cls(name)

    @property
    def device(self) -> torch.device:
        """Always the CPU."""
        return torch.device("cpu")

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Enhance a batch.

        Args:
            waveforms: `(batch, samples)` float32 at 16 kHz, right-padded, on any device.
            lengths: `(batch,)` in samples; None when every row is full.

        Returns:
            Tensor of the same shape, type and device, detached, with zeros in the padding.
        """
        enhanced = torch.zeros_like(waveforms)
        rows = unpad(waveforms.detach(), full_lengths(waveforms) if lengths is None else lengths)
        for target, row in zip(enhanced, rows, strict=True):
            target[: len(row)] = torch.from_numpy(self._enhance(row.float().cpu().numpy()))
        return enhanced

    def _enhance(self, waveform: NDArray[np.float32]) -> NDArray[np.float32]:
        count = -(-(len(waveform) + LEAD) // HOP)
        padded = np.zeros((count - 1) * HOP + BLOCK, dtype=np.float32)
        padded[LEAD : LEAD + len(waveform)] = waveform
        blocks = np.lib.stride_tricks.sliding_window_view(padded, BLOCK)[::HOP]

        spectra = np.fft.rfft(blocks)
        masks = _run(self.mask_stage, np.abs(spectra))
        denoised = _run(self.wave_stage, np.fft.irfft(masks * spectra, BLOCK).astype(np.float32))

        # Four blocks overlap at every sample: quarter q of block k falls on hop k + q.
        hops = np.zeros((len(padded) // HOP, HOP), dtype=np.float32)
        for quarter in range(BLOCK // HOP):
            hops[quarter : quarter + count] += denoised[:, quarter * HOP : (quarter + 1) * HOP]
        return hops.reshape(-1)[LEAD : LEAD + len(waveform)]


def _open(path: Path) -> "InferenceSession":
    import onnxruntime

    if not path.is_file():
        raise SottovoceError(f"{path}: no such file; DTLN needs a folder with {' and '.join(FILES)}")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the exceptions of onnxruntime have no common base class
        raise SottovoceError(f"{path}: onnxruntime cannot read it as an ONNX model; download it again") from error


def _run(stage: "InferenceSession", frames: NDArray[np.float32]) -> NDArray[np.float32]:
    """Run one stage over the frames `(count, size)` of a recording in order, passing its state on."""
    frame_name, state_name = (tensor.name for tensor in stage.get_inputs())
    state = np.zeros(STATE, dtype=np.float32)
    results = np.empty_like(frames)
    for index in range(len(frames)):
        frame = frames[None, index : index + 1]
        results[index], state = stage.run(None, {frame_name: frame, state_name: state})
    return results
