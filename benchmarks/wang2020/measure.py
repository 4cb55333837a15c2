"""Measurements on clips as they are written."""

import time
from functools import lru_cache

import torch

from benchmarks.recordings import as_written, to_text
from benchmarks.rows import Row, stem
from benchmarks.wang2020.clips import Clips, load_clips
from benchmarks.wang2020.methods import method
from benchmarks.wang2020.plan import GENERATOR, SEARCHES, Example, Families, Job, Plan
from sottovoce import metrics
from sottovoce.audio.batch import energy, full_lengths
from sottovoce.models.classifiers import Classifier, load_classifier
from sottovoce.perturbers import AdvGAN


def measure(job: Job | Example | Families) -> list[Row]:
    """A row per clip: its label, the answers before and after, and how close the perturbed clip is."""
    if isinstance(job, Example):
        return _example(job.plan)
    if isinstance(job, Families):
        return _families(job)
    classifier, clips, answers = _tested(job.plan)
    if not job.method:
        return [{"source": label, "before": answer} for label, answer in zip(clips.labels, answers, strict=True)]
    places = _places(job, clips.labels, answers)
    if not places:
        return []
    chosen = clips.waveforms[places]
    run_method = method(job.method, classifier, AdvGAN.load(job.plan.generator), job.plan)
    start = time.perf_counter()
    made = run_method(chosen, job.target)
    seconds = (time.perf_counter() - start) / len(places)
    written = as_written(made.clips, full_lengths(made.clips))
    after = classifier.predict(written)
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
    """The classifier, the clips and its answers to them, loaded once in every process."""
    classifier = load_classifier(plan.classifier)
    clips = load_clips(plan, classifier)
    return classifier, clips, classifier.predict(clips.waveforms)


def _places(job: Job, labels: list[str], answers: list[str]) -> list[int]:
    """Indices of the clips to attack: all of other labels for the generator, else a few that are classified right."""
    others = [place for place, label in enumerate(labels) if label != job.target]
    if job.method == GENERATOR:
        return others
    found: dict[str, list[int]] = {}
    for place in others:
        if answers[place] == labels[place] and len(found.setdefault(labels[place], [])) < job.plan.searched:
            found[labels[place]].append(place)
    return [place for label in sorted(found) for place in found[label]]


def _example(plan: Plan) -> list[Row]:
    """The published pair "on" to "go", or the first two labels of other classifiers: a row per signal."""
    classifier, clips, _ = _tested(plan)
    source, target = ("on", "go") if {"on", "go"} <= set(classifier.labels) else classifier.labels[:2]
    clip, generator = clips.waveforms[clips.labels.index(source)][None], AdvGAN.load(plan.generator)
    made = {"original": clip} | {
        name: method(name, classifier, generator, plan)(clip, target).clips for name in (GENERATOR, SEARCHES[0])
    }
    pair = {"source": source, "target": target}
    return [{"signal": name, **pair, "samples": to_text(signal[0])} for name, signal in made.items()]


def _families(job: Families) -> list[Row]:
    """A row per clip and classifier: its answers to the clip, to the perturbed clip, and to one in noise as loud."""
    _, clips, _ = _tested(job.plan)
    others = [place for place, label in enumerate(clips.labels) if label != job.target]
    chosen = clips.waveforms[others]
    made = method(GENERATOR, load_classifier(job.plan.classifier), AdvGAN.load(job.plan.generator), job.plan)
    perturbed = as_written(made(chosen, job.target).clips, full_lengths(chosen))
    noise = torch.randn(chosen.shape, generator=torch.Generator().manual_seed(job.plan.seed))
    noise = noise * (energy(perturbed - chosen) / energy(noise)).sqrt()[:, None]
    noisy, rows = as_written(chosen + noise, full_lengths(chosen)), list[Row]()
    for name in (*job.plan.attacked, *job.plan.left_out):
        family = load_classifier(name)
        answers = zip(*(family.predict(heard) for heard in (chosen, perturbed, noisy)), strict=True)
        for place, (before, after, in_noise) in zip(others, answers, strict=True):
            rows.append(
                {
                    "family": stem(name),
                    "clip": float(place),
                    "source": clips.labels[place],
                    "target": job.target,
                    "before": before,
                    "after": after,
                    "noise": in_noise,
                }
            )
    return rows
