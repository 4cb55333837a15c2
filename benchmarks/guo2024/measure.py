"""Paper D's tables, measured on files as written, and what attackers of the removal reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.guo2024.restoration import restorations
from benchmarks.guo2024.signals import (
    ADVERSARIAL,
    INVERTED,
    OPTIMISED,
    PURIFIED,
    RECORDED,
    REFINED,
    RESTORED,
    SEMI_INFORMED,
    Signal,
)
from benchmarks.guo2024.trials import Trial, of_sex, per_speaker, per_utterance
from benchmarks.recordings import corpus, waveform
from benchmarks.rows import Row, measure_missing
from sottovoce import metrics
from sottovoce.corpora.manifest import Utterance
from sottovoce.metrics import eer, eer_interval, min_dcf
from sottovoce.models.recognizers import PocketSphinx
from sottovoce.models.speakers import load_speaker_encoder
from sottovoce.perturbers import SSED

CORPORA = ("librispeech-test-clean", "librispeech-test-other")
ENCODERS = ("resemblyzer", "ecapa-tdnn")
GENERATORS = ("ssed-ecapa-tdnn", "ssed-resemblyzer")
ATTACKER = "ssed-attacker"
"""Learnt to undo the first of them from its output alone."""
PER_UTTERANCE, PER_SPEAKER = "per utterance", "per speaker"
SEXES = {"M": "men", "F": "women", "": "all"}


@dataclass(frozen=True)
class Plan:
    """What the bench runs on.

    Attributes:
        data: folder with the corpora librispeech-test-clean and librispeech-test-other, as manifests or folders.
        models: generators, names or paths; the first is also purified, attacked and compared with optimisation.
        attacker: name or path of a removal module that was trained on the first generator's output alone; none if
            empty.
        encoders: speaker encoders that listen.
        seed: of trials and noise.
    """

    data: Path
    models: tuple[str, ...]
    attacker: str = ""
    encoders: tuple[str, ...] = ENCODERS
    seed: int = 0


@dataclass(frozen=True)
class Job:
    """One signal on one corpus; `signal=None` is the exact restoration."""

    plan: Plan
    corpus: str
    signal: Signal | None

    @property
    def name(self) -> str:
        return f"{self.signal.name if self.signal else 'exact'}@{self.corpus}"


def signals(plan: Plan) -> list[Signal]:
    """Everything that is tested, what all else is compared with first."""
    first = plan.models[0]
    found = [Signal(RECORDED)]
    found += [Signal(kind, model) for model in plan.models for kind in (ADVERSARIAL, RESTORED, REFINED, PURIFIED[0])]
    found += [Signal(kind, first) for kind in (*PURIFIED[1:], INVERTED)]
    found += [Signal(SEMI_INFORMED, first, plan.attacker)] if plan.attacker else []
    return found + [Signal(kind, first, encoder) for encoder in plan.encoders for kind in OPTIMISED]


def run(plan: Plan, out: Path, *, workers: int = 2) -> None:
    """Measure what is not yet in `out/rows/`, then write the report.

    Args:
        plan: what to run on.
        out: where rows and tables go; what is there already is not measured again.
        workers: processes.

    Raises:
        SottovoceError: if a corpus or a model is missing.
    """
    from benchmarks.guo2024.report import write_report

    jobs = [Job(plan, name, signal) for signal in [*signals(plan), None] for name in CORPORA]
    measure_missing(jobs, measure, out, workers=workers)
    write_report(out, plan)


def measure(job: Job) -> list[Row]:
    """A row per recording about its quality, and a row per encoder, list of trials and sex about its voice."""
    torch.set_num_threads(1)
    plan, utterances = job.plan, [u for u in corpus(job.plan.data, job.corpus) if u.split == "test"]
    if job.signal is None:
        return restorations(utterances, SSED.load(plan.models[0]), plan.models[0])
    lists = {PER_UTTERANCE: per_utterance(utterances, plan.seed), PER_SPEAKER: per_speaker(utterances, plan.seed)}
    literal = sorted({trial.tested for trial in lists[PER_SPEAKER]})
    places = literal if job.signal.kind in OPTIMISED else list(range(len(utterances)))
    if job.signal.kind in OPTIMISED:
        del lists[PER_UTTERANCE]
    recorded = [waveform(utterance) for utterance in utterances]
    treated = dict(zip(places, job.signal.make([recorded[i] for i in places], plan.seed), strict=True))
    rows = [_quality(utterances[i], recorded[i], treated[i], hear=i in literal) for i in places]
    for encoder in plan.encoders:
        rows += _verification(job.signal, encoder, utterances, recorded, treated, lists)
    return rows


def _quality(utterance: Utterance, recorded: Tensor, treated: Tensor, *, hear: bool) -> Row:
    pair = recorded[None], treated[None]
    row: Row = {
        "file": utterance.path.stem,
        "snr": metrics.snr(*pair).item(),
        "pesq": metrics.pesq(*pair, mode="raw").item(),
        "pitch": metrics.pitch_correlation(*pair).item(),
    }
    if hear and utterance.text:
        texts = PocketSphinx().transcribe(treated[None])
        row |= {"text": texts[0], "wer": metrics.wer([utterance.text], texts).item()}
    return row


@torch.no_grad()
def _verification(
    signal: Signal,
    name: str,
    utterances: Sequence[Utterance],
    recorded: Sequence[Tensor],
    treated: dict[int, Tensor],
    lists: dict[str, list[Trial]],
) -> list[Row]:
    encoder = load_speaker_encoder(name)
    enrolled = {place: encoder(waveform[None])[0] for place, waveform in enumerate(recorded)}
    tested = enrolled if signal.kind == RECORDED else {i: encoder(waveform[None])[0] for i, waveform in treated.items()}
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
