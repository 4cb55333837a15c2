"""Reading and augmenting recordings, shared by all kinds of training material."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from sottovoce.audio import files
from sottovoce.audio.resampling import MODEL_RATE, resample
from sottovoce.corpora.loading import load_corpus
from sottovoce.corpora.manifest import Utterance
from sottovoce.corpora.mixing import mix, random_excerpt

QUIETEST_RMS = 1e-4
"""RMS below which an excerpt counts as silent."""
ROOM_SECONDS = 1.0
BEFORE_DIRECT_SOUND = 32
"""Samples of an impulse response that are kept before its direct sound."""


def for_training(paths: Sequence[Path]) -> list[Utterance]:
    """The utterances of manifests or corpus folders, without test material."""
    return [utterance for path in paths for utterance in load_corpus(path) if utterance.split != "test"]


def read_waveform(path: Path) -> Tensor:
    """A file as mono at 16 kHz: float32 `(samples,)`."""
    return torch.from_numpy(files.as_mono_16k(files.read(path)))


def read_all(utterances: Sequence[Utterance]) -> list[Tensor]:
    """Several files in order, in half precision to save memory."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda utterance: read_waveform(utterance.path).half(), utterances))


def read_rooms(paths: Sequence[Path]) -> list[Tensor]:
    """One second of every impulse response that is not test material, from shortly before its direct sound."""
    return [_response(room.float()) for room in read_all(for_training(paths))]


def _response(recorded: Tensor) -> Tensor:
    size = round(ROOM_SECONDS * MODEL_RATE)
    start = max(0, int(recorded.abs().argmax()) - BEFORE_DIRECT_SOUND)
    piece = recorded[start : start + size]
    return functional.pad(piece, (0, size - len(piece)))


def in_noise(
    waveform: Tensor, noises: Sequence[Tensor], snr: tuple[float, float], generator: torch.Generator
) -> Tensor:
    """A waveform `(samples,)` with a random excerpt of a random noise added, at an SNR (dB) drawn uniformly from `snr`.

    If the waveform or the excerpt is silent, the waveform is returned unchanged.
    """
    noise = noises[int(torch.randint(len(noises), (), generator=generator))]
    excerpt = random_excerpt(noise, len(waveform), generator).float()
    if not (bool(excerpt.any()) and bool(waveform.any())):
        return waveform
    return mix(waveform, excerpt, snr[0] + (snr[1] - snr[0]) * torch.rand((), generator=generator))


def at_tempo(waveform: Tensor, tempo: float, samples: int) -> Tensor:
    """The first `samples` of a waveform `(n,)` played `tempo` times as fast, with the pitch changed accordingly."""
    if tempo == 1.0:
        return waveform
    played = resample(waveform.double().numpy()[:, None], round(MODEL_RATE * tempo), MODEL_RATE, samples)
    return torch.from_numpy(played[:, 0]).float()
