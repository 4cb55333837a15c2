"""A differentiable version of Resemblyzer's pretrained encoder (GE2E; Wan et al., 2018)."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from sottovoce.audio.batch import energy
from sottovoce.audio.spectral import STFT
from sottovoce.errors import SottovoceError
from sottovoce.models.checkpoints import load_checkpoint
from sottovoce.models.speakers.base import SpeakerEncoder

BANDS, HIDDEN = 40, 256
HOP = 160
PARTIAL, STEP = 160, 77
"""Length and hop of the partial windows in frames: 1.6 s, 1.3 per second."""
COVERAGE = 0.75
"""Smallest share of the last window that must lie within the recording."""
TARGET_DBFS = -30.0
THRESHOLD = 0.707
"""Cosine at the equal error rate, 1.6 %, of the first 3 s of 1482 utterances by 28 speakers (LibriSpeech's
train-clean-5), measured by `equal_error_threshold` in `evaluation/voice.py`."""


class Resemblyzer(SpeakerEncoder):
    """Mel power, three LSTM layers on windows of 1.6 s, and the mean of the windows' unit embeddings.

    Computes what the package `resemblyzer` does, including the amplification of quiet recordings to -30 dBFS, except
    for the removal of long pauses by a voice activity detector, which has no gradient.

    Example:
        >>> Resemblyzer().eval()(0.1 * torch.randn(2, 8000)).shape
        torch.Size([2, 256])
    """

    architecture = "resemblyzer"
    shortest = 400

    def __init__(self) -> None:
        super().__init__()
        self.config: dict[str, Any] = {}
        self.stft = STFT(size=400, hop=HOP, window="hann")
        self.filters: Tensor
        self.register_buffer("filters", _slaney_filterbank(), persistent=False)
        self.lstm = nn.LSTM(BANDS, HIDDEN, num_layers=3, batch_first=True)
        self.linear = nn.Linear(HIDDEN, HIDDEN)

    @classmethod
    def pretrained(cls) -> Self:
        """Load the weights that the package `resemblyzer` includes, in evaluation mode, with their threshold.

        Raises:
            SottovoceError: if the package is not installed or its weights are missing.
        """
        found = find_spec("resemblyzer")
        if found is None or found.origin is None:
            raise SottovoceError("resemblyzer: needs the extra: pip install 'sottovoce[resemblyzer]'")
        return load_checkpoint(Path(found.origin).parent, "pretrained.pt", cls._of, "resemblyzer", download=False)

    @classmethod
    def _of(cls, saved: dict[str, Any]) -> Self:
        network, state = cls().eval(), saved["model_state"]
        network.load_state_dict({key: state[key] for key in network.state_dict()})
        network.threshold = THRESHOLD
        return network

    def embed(self, waveforms: Tensor) -> Tensor:
        samples = waveforms.shape[-1]
        starts = partial_starts(samples)
        raised = functional.pad(_raised(waveforms), (0, max(0, (starts[-1] + PARTIAL) * HOP - samples)))
        spectrum = self.stft(raised)
        power = self.filters @ (spectrum.real.square() + spectrum.imag.square())
        windows = torch.stack([power[..., start : start + PARTIAL] for start in starts], 1)
        _, (hidden, _) = self.lstm(windows.flatten(0, 1).transpose(1, 2))
        embeddings = functional.normalize(torch.relu(self.linear(hidden[-1])))
        return embeddings.reshape(len(waveforms), len(starts), HIDDEN).mean(1)


def partial_starts(samples: int) -> list[int]:
    """First frames of the partial windows over a recording; the last window may extend beyond its end."""
    frames = -(-(samples + 1) // HOP)
    starts = list(range(0, max(1, frames - PARTIAL + STEP + 1), STEP))
    covered = (samples - starts[-1] * HOP) / (PARTIAL * HOP)
    return starts[:-1] if covered < COVERAGE and len(starts) > 1 else starts


def _raised(waveforms: Tensor) -> Tensor:
    level = torch.sqrt(energy(waveforms) / waveforms.shape[-1] + 1e-20)
    gain: Tensor = 10.0 ** (TARGET_DBFS / 20.0) / level
    raised: Tensor = waveforms * gain.clamp(min=1.0)[:, None]
    return raised


def _slaney_filterbank() -> Tensor:
    """librosa's default: 40 triangles of unit area on Slaney's mel scale, `(40, 201)`."""
    import librosa

    filters: Tensor = torch.from_numpy(librosa.filters.mel(sr=16000, n_fft=400, n_mels=BANDS))
    return filters
