"""RNNoise (Valin, 2018): an enhancer without gradients."""

import ctypes
import functools
import hashlib
import sys
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sottovoce.audio.resampling import MODEL_RATE, resample
from sottovoce.errors import SottovoceError
from sottovoce.models.enhancers.black_box import BlackBox
from sottovoce.weights.third_party import package_file

RATE = 48_000
FRAME = 480
LAG = 960
FULL_SCALE = 32768.0
FILES = {"darwin": "librnnoise.dylib", "win32": "rnnoise.dll"}


class RNNoise(BlackBox):
    """The authors' C library, as the package `pyrnnoise` includes it: gains for 32 bands from a recurrent network.

    The library works on 10 ms at 48 kHz and answers 20 ms late. Here the answer is moved back, so that the output is
    aligned with the input. Every recording starts from a fresh state. No gradients; on the CPU, on one thread.

    Source: Valin, "A hybrid DSP/deep learning approach to real-time full-band speech enhancement", MMSP 2018;
    version 0.2 of the library.

    Args:
        path: the shared library.

    Raises:
        SottovoceError: the file is missing or is not RNNoise for this machine.

    Example:
        >>> enhancer = RNNoise.pretrained()  # doctest: +SKIP
        >>> enhanced = enhancer(waveforms, lengths)  # doctest: +SKIP
    """

    architecture = "rnnoise"
    seam = FRAME * MODEL_RATE // RATE

    def __init__(self, path: str | Path) -> None:
        super().__init__()
        self.path = str(path)
        _library(self.path)
        self.config = {Path(path).name: hashlib.sha256(Path(path).read_bytes()).hexdigest()}
        """The SHA-256 of the library."""

    @classmethod
    def pretrained(cls) -> Self:
        """The library in the package `pyrnnoise`, which is not imported.

        Raises:
            SottovoceError: the package is not installed, or has no library for this machine.
        """
        return cls(package_file("pyrnnoise", FILES.get(sys.platform, "librnnoise.so"), listener=cls.architecture))

    def enhance(self, waveform: NDArray[np.float32]) -> NDArray[np.float32]:
        library = _library(self.path)
        heard = resample(waveform, MODEL_RATE, RATE) * FULL_SCALE
        frames = -(-(len(heard) + LAG) // FRAME)
        heard = np.ascontiguousarray(np.pad(heard, (0, frames * FRAME - len(heard))), np.float32).reshape(-1, FRAME)
        said = np.empty_like(heard)
        state = library.rnnoise_create(None)
        try:
            for source, target in zip(heard, said, strict=True):
                library.rnnoise_process_frame(state, target.ctypes.data, source.ctypes.data)
        finally:
            library.rnnoise_destroy(state)
        return resample(said.reshape(-1)[LAG:] / np.float32(FULL_SCALE), RATE, MODEL_RATE, len(waveform))


@functools.cache
def _library(path: str) -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(path)
        library.rnnoise_create.restype = ctypes.c_void_p
        library.rnnoise_create.argtypes = [ctypes.c_void_p]
        library.rnnoise_destroy.argtypes = [ctypes.c_void_p]
        library.rnnoise_process_frame.restype = ctypes.c_float
        library.rnnoise_process_frame.argtypes = [ctypes.c_void_p] * 3
    except (OSError, AttributeError) as error:
        raise SottovoceError(f"{path}: not RNNoise for this machine; install pyrnnoise again") from error
    return library
