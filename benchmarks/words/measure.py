"""Protected files as they are written, and what listeners make of them."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.kept import kept
from benchmarks.mixtures import mixtures, one_per_speaker
from benchmarks.protecting import CODECS, DEFAULT, NOISE, ORIGINAL, SPOKEN, noisy_alike, protected, quality
from benchmarks.recordings import waveform
from benchmarks.rows import Row
from benchmarks.words.plan import CLEAN, JUDGE, SETTINGS, SNR, Job
from sottovoce import metrics
from sottovoce.audio.batch import pad, unpad
from sottovoce.evaluation.enhance import enhance
from sottovoce.models.loading import load_listener
from sottovoce.protections.words import Words


def measure(job: Job, files: Path) -> list[Row]:
    """A row per file: its quality, and the word error rate of every listener.

    Args:
        job: which files.
        files: the folder in which processed recordings are kept.
    """
    names, texts, recorded = material_of(job.plan.data, job.plan.split, job.material, job.plan.count, job.plan.seed)
    processed = recorded if job.kind == ORIGINAL else _processed(job, files, names, recorded)
    return [
        {
            "file": name,
            **quality(before, after),
            **{who: metrics.wer([text], [heard]).item() for who, heard in _heard(job, after).items()},
        }
        for name, text, before, after in zip(names, texts, recorded, processed, strict=True)
    ]


def material_of(
    data: Path, split: str, material: str, count: int, seed: int
) -> tuple[list[str], list[str], list[Tensor]]:
    """Names, true texts and recordings, one for each speaker."""
    if material == CLEAN:
        utterances = one_per_speaker(data, count, SPOKEN[split], split=split)
        return [u.path.stem for u in utterances], [u.text for u in utterances], [waveform(u) for u in utterances]
    batch = mixtures(data, SNR, count=count, seed=seed, spoken=SPOKEN[split], split=split)
    return batch.names, batch.texts, unpad(batch.noisy, batch.lengths)


def _processed(job: Job, files: Path, names: list[str], recorded: list[Tensor]) -> list[Tensor]:
    def make() -> tuple[Tensor, Tensor]:
        if job.kind != NOISE:
            return pad(protected(Words(**{**SETTINGS[job.kind], "seed": job.plan.seed}), recorded))
        return pad(noisy_alike(recorded, _processed(Job(job.plan, DEFAULT, job.material), files, names, recorded)))

    return unpad(*kept(files / job.name, job.plan, names, make))


def _heard(job: Job, signal: Tensor) -> dict[str, str]:
    """What each listener writes, by its name; the judge also behind enhancers and codecs."""
    alone = job.kind == NOISE
    return heard(signal, job.plan.recognisers, () if alone else job.plan.enhancers, {} if alone else CODECS)


@torch.no_grad()
def heard(
    signal: Tensor, recognisers: Iterable[str], enhancers: Iterable[str], codecs: Mapping[str, Callable[[], nn.Module]]
) -> dict[str, str]:
    """What recognisers write of `signal (samples,)`, and the judge behind enhancers and codecs, by name."""
    found = {name: _written(name, signal) for name in recognisers}
    for name in enhancers:
        found[f"{name}+{JUDGE}"] = _written(JUDGE, enhance(_loaded(name), signal).clamp(-1.0, 1.0))
    for name, make in codecs.items():
        found[f"{name}+{JUDGE}"] = _written(JUDGE, make()(signal[None])[0])
    return found


def _written(name: str, signal: Tensor) -> str:
    recognizer: Any = _loaded(name)
    text: str = recognizer.transcribe(signal[None])[0]
    return text


@cache
def _loaded(name: str) -> nn.Module:
    return load_listener(name)
