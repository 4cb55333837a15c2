"""Recordings that benchmarks read, and how they come back from written files."""

import tempfile
from pathlib import Path

import torch
from torch import Tensor

from sottovoce.audio.batch import pad, unpad
from sottovoce.audio.files import Recording, as_mono_16k, read, write
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.corpora.loading import load_corpus
from sottovoce.corpora.manifest import Utterance


def place(data: Path, name: str) -> Path:
    """Where a corpus lies below a data folder: `manifests/NAME.csv`, or else the folder NAME itself."""
    manifest = data / "manifests" / f"{name}.csv"
    return manifest if manifest.is_file() else data / name


def corpus(data: Path, name: str) -> list[Utterance]:
    """The utterances of a corpus below a data folder."""
    return load_corpus(place(data, name))


def waveform(utterance: Utterance) -> Tensor:
    """The recording as models see it: `(samples,)`."""
    return torch.from_numpy(as_mono_16k(read(utterance.path)))


def as_written(waveforms: Tensor, lengths: Tensor) -> Tensor:
    """The batch as it comes back from 16-bit WAV files."""
    with tempfile.TemporaryDirectory() as folder:
        path, rows = Path(folder) / "x.wav", []
        for row in unpad(waveforms, lengths):
            write(path, Recording(row.double().numpy()[:, None], MODEL_RATE, "WAV", "PCM_16"))
            rows.append(torch.from_numpy(as_mono_16k(read(path))))
    return pad(rows)[0]
