"""Protected files as they are written, and who speaks in them to speaker encoders."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from benchmarks.guo2024.trials import Trial, compared, per_utterance
from benchmarks.kept import kept
from benchmarks.mixtures import one_per_speaker
from benchmarks.protecting import CODECS, DEFAULT, NOISE, ORIGINAL, SPOKEN, noisy_alike, protected, quality
from benchmarks.recordings import corpus, waveform
from benchmarks.rows import Row
from benchmarks.voice.plan import SETTINGS, Job
from sottovoce import metrics
from sottovoce.audio.batch import pad, unpad
from sottovoce.corpora.manifest import Utterance
from sottovoce.models.recognizers import load_recognizer
from sottovoce.models.speakers import load_speaker_encoder


def measure(job: Job, files: Path) -> list[Row]:
    """A row per file on its quality and words, and a row per encoder and channel on verification.

    Args:
        job: which files.
        files: the folder in which processed recordings are kept.
    """
    plan = job.plan
    tested = one_per_speaker(plan.data, plan.count, SPOKEN[plan.split], split=plan.split)
    recorded = [waveform(utterance) for utterance in tested]
    processed = recorded if job.kind == ORIGINAL else _processed(job, files, tested, recorded)
    rows: list[Row] = [
        {"file": utterance.path.stem, **quality(before, after)}
        for utterance, before, after in zip(tested, recorded, processed, strict=True)
    ]
    for name in plan.recognisers:
        recognizer = load_recognizer(name)
        for row, utterance, after in zip(rows, tested, processed, strict=True):
            row[name] = metrics.wer([utterance.text], recognizer.transcribe(after[None])).item()
    return rows + _verification(job, tested, processed)


def _processed(job: Job, files: Path, tested: Sequence[Utterance], recorded: Sequence[Tensor]) -> list[Tensor]:
    def make() -> tuple[Tensor, Tensor]:
        if job.kind != NOISE:
            return pad(protected(SETTINGS[job.kind](), recorded))
        return pad(noisy_alike(recorded, _processed(Job(job.plan, DEFAULT), files, tested, recorded)))

    return unpad(*kept(files / job.name, job.plan, [utterance.path.stem for utterance in tested], make))


@torch.no_grad()
def _verification(job: Job, tested: Sequence[Utterance], processed: Sequence[Tensor]) -> list[Row]:
    """Equal error rates of recordings enrolled and files tested, as they are and after codecs."""
    plan = job.plan
    utterances = [u for u in corpus(plan.data, SPOKEN[plan.split]) if u.split == plan.split]
    places = {utterance.path: place for place, utterance in enumerate(utterances)}
    chosen = dict(zip((places[utterance.path] for utterance in tested), processed, strict=True))
    trials = [trial for trial in per_utterance(utterances, plan.seed) if trial.tested in chosen]
    channels: Mapping[str, Callable[[], nn.Module]] = {"": nn.Identity, **({} if job.kind == NOISE else CODECS)}
    needed = sorted({trial.enrolled for trial in trials})
    rows: list[Row] = []
    for name in plan.encoders:
        encoder = load_speaker_encoder(name)
        enrolled = {place: encoder(waveform(utterances[place])[None])[0] for place in needed}
        for channel, make in channels.items():
            through = make()
            heard = {place: encoder(through(signal[None]))[0] for place, signal in chosen.items()}
            rows.append({"encoder": name, "channel": channel, **_rates(trials, enrolled, heard, utterances)})
    return rows


def _rates(
    trials: Sequence[Trial], enrolled: dict[int, Tensor], heard: dict[int, Tensor], utterances: Sequence[Utterance]
) -> Row:
    scores, same, speakers = compared(trials, enrolled, heard, utterances)
    low, high = metrics.eer_interval(scores, same, speakers, generator=torch.Generator().manual_seed(0))
    return {"eer": metrics.eer(scores, same), "low": low, "high": high, "cosine": scores[same].mean().item()}
