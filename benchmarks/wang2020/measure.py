"""Paper C's tables and figures, measured on clips as written."""

import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch

from benchmarks.recordings import as_written
from benchmarks.rows import Row, measure_missing
from benchmarks.wang2020.figures import draw_perturbations
from benchmarks.wang2020.methods import GENERATOR, GRADIENTS, SEARCHES, method
from benchmarks.wang2020.plan import Clips, Plan, load_clips
from benchmarks.wang2020.timing import Timing, time_methods
from sottovoce import metrics
from sottovoce.audio.batch import full_lengths
from sottovoce.models.classifiers import Classifier, load_classifier
from sottovoce.perturbers import AdvGAN

METHODS = (GENERATOR, *SEARCHES, *GRADIENTS)


@dataclass(frozen=True)
class Job:
    """A method towards one target; `method=""` is the classifier on clean clips."""

    plan: Plan
    method: str
    target: str

    @property
    def name(self) -> str:
        return f"{self.method or 'clean'}-{self.target}@{self.plan.domain}"


def jobs(plan: Plan, labels: tuple[str, ...]) -> list[Job]:
    """Everything the bench measures."""
    return [Job(plan, "", "all"), *(Job(plan, name, label) for name in METHODS for label in labels)]


def run(plan: Plan, out: Path, *, workers: int = 2) -> None:
    """Measure what is not yet in `out/rows/`, then write the report.

    Args:
        plan: what to run on.
        out: where rows, tables and pictures go; what is there already is not measured again.
        workers: processes.

    Raises:
        SottovoceError: if the corpus or a model is missing.
    """
    from benchmarks.wang2020.report import write_report

    labels = load_classifier(plan.victim).labels
    measure_missing(jobs(plan, labels), measure, out, workers=workers)
    measure_missing([Timing(plan)], time_methods, out, workers=1)
    draw_example(plan, out)
    write_report(out, plan, labels)


def measure(job: Job) -> list[Row]:
    """A row per clip: what it is, what the victim answers before and after, how near it stays."""
    torch.set_num_threads(1)
    victim, clips, answers = _tested(job.plan)
    if not job.method:
        return [{"source": label, "before": answer} for label, answer in zip(clips.labels, answers, strict=True)]
    places = _places(job, clips.labels, answers)
    if not places:
        return []
    chosen = clips.waveforms[places]
    run_method = method(job.method, victim, AdvGAN.load(job.plan.generator), job.plan.seed)
    start = time.perf_counter()
    made = run_method(chosen, job.target)
    seconds = (time.perf_counter() - start) / len(places)
    written = as_written(made.clips, full_lengths(made.clips))
    after = victim.predict(written)
    ratios, scores = metrics.snr(chosen, written).tolist(), metrics.pesq(chosen, written, mode="raw").tolist()
    return [
        {
            "clip": float(place),
            "source": clips.labels[place],
            "target": job.target,
            "before": answers[place],
            "after": after[row],
            "snr": round(ratios[row], 3),
            "pesq": round(scores[row], 4),
            "queries": float(made.queries[row]),
            "seconds": seconds,
        }
        for row, place in enumerate(places)
    ]


@lru_cache(maxsize=1)
def _tested(plan: Plan) -> tuple[Classifier, Clips, list[str]]:
    """The classifier, the clips and its answers to them, once in every process."""
    victim = load_classifier(plan.victim)
    clips = load_clips(plan, victim)
    return victim, clips, victim.predict(clips.waveforms)


def _places(job: Job, labels: list[str], answers: list[str]) -> list[int]:
    """The clips that the method gets: all others' for the generator, some that the victim gets right for the rest."""
    others = [place for place, label in enumerate(labels) if label != job.target]
    if job.method == GENERATOR:
        return others
    found: dict[str, list[int]] = {}
    for place in others:
        if answers[place] == labels[place] and len(found.setdefault(labels[place], [])) < job.plan.searched:
            found[labels[place]].append(place)
    return [place for label in sorted(found) for place in found[label]]


def draw_example(plan: Plan, out: Path) -> None:
    """The paper's figure 7, if it is not there yet: its pair "on" to "go", or the first two labels without these."""
    path = out / f"perturbations-{plan.domain}.png"
    if path.exists():
        return
    victim, generator = load_classifier(plan.victim), AdvGAN.load(plan.generator)
    source, target = ("on", "go") if {"on", "go"} <= set(victim.labels) else victim.labels[:2]
    clips = load_clips(plan, victim)
    clip = clips.waveforms[clips.labels.index(source)][None]
    made = {
        name: method(name, victim, generator, plan.seed)(clip, target).clips[0] for name in (GENERATOR, SEARCHES[0])
    }
    figure = draw_perturbations(clip[0], made, f"{source} → {target}")
    figure.savefig(path, dpi=90)
