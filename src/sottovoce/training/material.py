"""What the kinds of training material share: reading recordings, and what is done to them."""

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
ROOM_SECONDS = 1.0


def for_training(paths: Sequence[Path]) -> list[Utterance]:
    """What manifests or corpus folders hold, but for test material, which is never read."""
    return [utterance for path in paths for utterance in load_corpus(path) if utterance.split != "test"]


def read_waveform(path: Path) -> Tensor:
    """A file as models see it: float32 `(samples,)`, one channel, 16 kHz."""
    return torch.from_numpy(files.as_mono_16k(files.read(path)))


def read_all(utterances: Sequence[Utterance]) -> list[Tensor]:
    """Several files, in order, as half precision to halve the memory of a corpus."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda utterance: read_waveform(utterance.path).half(), utterances))


def read_rooms(paths: Sequence[Path]) -> list[Tensor]:
    """A second of every impulse response that is not test material, from a little before its direct sound."""
    return [_response(room.float()) for room in read_all(for_training(paths))]


def _response(recorded: Tensor) -> Tensor:
    size = round(ROOM_SECONDS * MODEL_RATE)
    start = max(0, int(recorded.abs().argmax()) - 32)
    piece = recorded[start : start + size]
    return functional.pad(piece, (0, size - len(piece)))


def in_noise(
    waveform: Tensor, noises: Sequence[Tensor], snr: tuple[float, float], generator: torch.Generator
) -> Tensor:
    """A waveform `(samples,)` with an excerpt of one of the noises at an SNR in dB from `snr`, all drawn uniformly; as
    it is where one of them is silent.
    """
    noise = noises[int(torch.randint(len(noises), (), generator=generator))]
    excerpt = random_excerpt(noise, len(waveform), generator).float()
    if not (bool(excerpt.any()) and bool(waveform.any())):
        return waveform
    return mix(waveform, excerpt, snr[0] + (snr[1] - snr[0]) * torch.rand((), generator=generator))


def at_tempo(waveform: Tensor, tempo: float, samples: int) -> Tensor:
    """A waveform `(n,)` played `tempo` times as fast, its pitch changed with it: the first `samples`."""
    if tempo == 1.0:
        return waveform
    played = resample(waveform.double().numpy()[:, None], round(MODEL_RATE * tempo), MODEL_RATE, samples)
    return torch.from_numpy(played[:, 0]).float()
