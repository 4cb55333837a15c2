"""Measurements on files as they are written."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.guo2024.plan import PER_SPEAKER, PER_UTTERANCE, SEXES, Job, Plan
from benchmarks.guo2024.restoration import restorations
from benchmarks.guo2024.signals import ADVERSARIAL, OPTIMISED, RECORDED, Signal
from benchmarks.guo2024.trials import Trial, compared, of_sex, per_speaker, per_utterance
from benchmarks.kept import kept
from benchmarks.recordings import corpus, waveform
from benchmarks.rows import Row, stem
from sottovoce import metrics
from sottovoce.audio.batch import pad, unpad
from sottovoce.corpora.manifest import Utterance
from sottovoce.metrics import eer, eer_interval, min_dcf
from sottovoce.models.recognizers import PocketSphinx, Recognizer, load_recognizer
from sottovoce.models.speakers import load_speaker_encoder
from sottovoce.protections.voice import Voice


def measure(job: Job, files: Path) -> list[Row]:
    """A row per recording on its quality, and a row per encoder, list of trials and sex on verification.

    Args:
        job: what is measured.
        files: the folder in which processed recordings are kept.
    """
    plan, utterances = job.plan, [u for u in corpus(job.plan.data, job.corpus) if u.split == "test"]
    if job.signal is None:
        return restorations(utterances, Voice(effort="low", generator=plan.models[0], witnesses=()))
    lists = {PER_UTTERANCE: per_utterance(utterances, plan.seed), PER_SPEAKER: per_speaker(utterances, plan.seed)}
    literal = sorted({trial.tested for trial in lists[PER_SPEAKER]})
    places = literal if job.signal.kind in OPTIMISED else list(range(len(utterances)))
    if job.signal.kind in OPTIMISED:
        del lists[PER_UTTERANCE]
    recorded = [waveform(utterance) for utterance in utterances]
    processed = dict(zip(places, _processed(job, files, [utterances[i] for i in places]), strict=True))
    rows = [_quality(utterances[i], recorded[i], processed[i]) for i in places]
    heard = [i for i in places if i in literal and utterances[i].text]
    for place, words in zip(heard, _words(plan, [utterances[i] for i in heard], processed, heard), strict=True):
        rows[places.index(place)] |= words
    for encoder in plan.listeners:
        rows += _verification(job.signal, encoder, utterances, recorded, processed, lists)
    return rows


def _processed(job: Job, files: Path, utterances: Sequence[Utterance]) -> list[Tensor]:
    """What becomes of recordings, as it is in files; kept in a folder of `files`."""
    signal, recorded = job.signal, [waveform(utterance) for utterance in utterances]
    if signal is None or signal.kind == RECORDED:
        return recorded
    names = [utterance.path.stem for utterance in utterances]
    return unpad(*kept(files / job.name, job.plan.material, names, lambda: pad(signal.make(recorded, job.plan.seed))))


def _quality(utterance: Utterance, recorded: Tensor, processed: Tensor) -> Row:
    pair = recorded[None], processed[None]
    return {
        "file": utterance.path.stem,
        "snr": metrics.snr(*pair).item(),
        "pesq": metrics.pesq(*pair, mode="raw").item(),
        "pitch": metrics.pitch_correlation(*pair).item(),
    }


def _words(
    plan: Plan, utterances: Sequence[Utterance], processed: dict[int, Tensor], places: Sequence[int]
) -> list[Row]:
    """What recognisers make of the recordings at these places."""
    if not places:
        return []
    batch, lengths = pad([processed[place] for place in places])
    judges: dict[str, Recognizer] = {"": PocketSphinx()}
    if plan.whisper:
        judges["whisper "] = load_recognizer(plan.whisper)
    rows: list[Row] = [{} for _ in places]
    for judge, recognizer in judges.items():
        texts = recognizer.transcribe(batch, lengths)
        rates = metrics.wer([utterance.text for utterance in utterances], texts).tolist()
        for row, text, rate in zip(rows, texts, rates, strict=True):
            row |= {f"{judge}text": text, f"{judge}wer": rate}
    return rows


@torch.no_grad()
def _verification(
    signal: Signal,
    name: str,
    utterances: Sequence[Utterance],
    recorded: Sequence[Tensor],
    processed: dict[int, Tensor],
    lists: dict[str, list[Trial]],
) -> list[Row]:
    encoder = load_speaker_encoder(name)
    enrolled = {place: encoder(waveform[None])[0] for place, waveform in enumerate(recorded)}
    tested = (
        enrolled if signal.kind == RECORDED else {i: encoder(waveform[None])[0] for i, waveform in processed.items()}
    )
    ways = {f"rec-{signal.kind}": enrolled} | ({"adv-adv": tested} if signal.kind == ADVERSARIAL else {})
    return [
        {"encoder": stem(name), "trials": title, "condition": condition, "sex": label, **rates}
        for title, trials in lists.items()
        for condition, enrolment in ways.items()
        for sex, label in SEXES.items()
        if (rates := _rates(of_sex(trials, utterances, sex) if sex else trials, enrolment, tested, utterances))
    ]


def _rates(
    trials: Sequence[Trial], enrolled: dict[int, Tensor], tested: dict[int, Tensor], utterances: Sequence[Utterance]
) -> Row:
    if len({trial.same for trial in trials}) < 2:
        return {}
    scores, same, speakers = compared(trials, enrolled, tested, utterances)
    low, high = eer_interval(scores, same, speakers, generator=torch.Generator().manual_seed(0))
    return {
        "eer": eer(scores, same),
        "low": low,
        "high": high,
        "min dcf": min_dcf(scores, same),
        "targets": float(same.sum()),
        "others": float((~same).sum()),
    }
