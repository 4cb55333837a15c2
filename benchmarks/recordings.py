"""How benchmarks read recordings, and what comes back from written files."""

import base64
import tempfile
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from sottovoce.audio.batch import pad, unpad
from sottovoce.audio.files import Recording, as_mono_16k, read, write
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.corpora.loading import load_corpus
from sottovoce.corpora.manifest import Utterance


def place(data: Path, name: str) -> Path:
    """Where a corpus is in a data folder: `manifests/NAME.csv`, otherwise the folder `NAME`."""
    manifest = data / "manifests" / f"{name}.csv"
    return manifest if manifest.is_file() else data / name


def corpus(data: Path, name: str) -> list[Utterance]:
    """The utterances of a corpus in a data folder."""
    return load_corpus(place(data, name))


def waveform(utterance: Utterance) -> Tensor:
    """The recording as models hear it: mono at 16 kHz, `(samples,)`."""
    return torch.from_numpy(as_mono_16k(read(utterance.path)))


def as_written(waveforms: Tensor, lengths: Tensor) -> Tensor:
    """The batch after writing it to 16-bit WAV files and reading them."""
    with tempfile.TemporaryDirectory() as folder:
        path, rows = Path(folder) / "x.wav", []
        for row in unpad(waveforms, lengths):
            write(path, Recording(row.double().numpy()[:, None], MODEL_RATE, "WAV", "PCM_16"))
            rows.append(torch.from_numpy(as_mono_16k(read(path))))
    return pad(rows)[0]


def to_text(signal: Tensor) -> str:
    """A signal `(samples,)` as base64 of 32-bit floats, so that rows can hold it."""
    return base64.b64encode(signal.numpy().astype("<f4").tobytes()).decode()


def from_text(text: str) -> Tensor:
    """The signal that `to_text` wrote."""
    return torch.from_numpy(np.frombuffer(base64.b64decode(text), "<f4").astype(np.float32))
