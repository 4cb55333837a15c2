"""Measurements on files as they are written."""

from collections.abc import Sequence

import torch
from torch import Tensor

from benchmarks.guo2024.plan import PER_SPEAKER, PER_UTTERANCE, SEXES, Job
from benchmarks.guo2024.restoration import restorations
from benchmarks.guo2024.signals import ADVERSARIAL, OPTIMISED, RECORDED, Signal
from benchmarks.guo2024.trials import Trial, of_sex, per_speaker, per_utterance
from benchmarks.recordings import corpus, waveform
from benchmarks.rows import Row
from sottovoce import metrics
from sottovoce.corpora.manifest import Utterance
from sottovoce.metrics import eer, eer_interval, min_dcf
from sottovoce.models.recognizers import PocketSphinx
from sottovoce.models.speakers import load_speaker_encoder
from sottovoce.protections.voice import Voice


def measure(job: Job) -> list[Row]:
    """A row per recording on its quality, and a row per encoder, list of trials and sex on verification."""
    torch.set_num_threads(1)
    plan, utterances = job.plan, [u for u in corpus(job.plan.data, job.corpus) if u.split == "test"]
    if job.signal is None:
        return restorations(utterances, Voice(plan.models[0], judge=None))
    lists = {PER_UTTERANCE: per_utterance(utterances, plan.seed), PER_SPEAKER: per_speaker(utterances, plan.seed)}
    literal = sorted({trial.tested for trial in lists[PER_SPEAKER]})
    places = literal if job.signal.kind in OPTIMISED else list(range(len(utterances)))
    if job.signal.kind in OPTIMISED:
        del lists[PER_UTTERANCE]
    recorded = [waveform(utterance) for utterance in utterances]
    processed = dict(zip(places, job.signal.make([recorded[i] for i in places], plan.seed), strict=True))
    rows = [_quality(utterances[i], recorded[i], processed[i], hear=i in literal) for i in places]
    for encoder in plan.encoders:
        rows += _verification(job.signal, encoder, utterances, recorded, processed, lists)
    return rows


def _quality(utterance: Utterance, recorded: Tensor, processed: Tensor, *, hear: bool) -> Row:
    pair = recorded[None], processed[None]
    row: Row = {
        "file": utterance.path.stem,
        "snr": metrics.snr(*pair).item(),
        "pesq": metrics.pesq(*pair, mode="raw").item(),
        "pitch": metrics.pitch_correlation(*pair).item(),
    }
    if hear and utterance.text:
        texts = PocketSphinx().transcribe(processed[None])
        row |= {"text": texts[0], "wer": metrics.wer([utterance.text], texts).item()}
    return row


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
        {"encoder": name, "trials": title, "condition": condition, "sex": label, **rates}
        for title, trials in lists.items()
        for condition, enrolment in ways.items()
        for sex, label in SEXES.items()
        if (rates := _rates(of_sex(trials, utterances, sex) if sex else trials, enrolment, tested, utterances))
    ]


def _rates(
    trials: Sequence[Trial], enrolled: dict[int, Tensor], tested: dict[int, Tensor], utterances: Sequence[Utterance]
) -> Row:
    same = torch.tensor([trial.same for trial in trials])
    if not bool(same.any()) or bool(same.all()):
        return {}
    scores = torch.stack([(enrolled[trial.enrolled] * tested[trial.tested]).sum() for trial in trials])
    names = sorted({utterance.speaker for utterance in utterances})
    speakers = torch.tensor([names.index(utterances[trial.tested].speaker) for trial in trials])
    low, high = eer_interval(scores, same, speakers, generator=torch.Generator().manual_seed(0))
    return {
        "eer": eer(scores, same),
        "low": low,
        "high": high,
        "min dcf": min_dcf(scores, same),
        "targets": float(same.sum()),
        "others": float((~same).sum()),
    }
