"""The time of one pass of the generator, and how much time searching for many clips at once saves."""

from functools import partial

import torch
from torch import Tensor

from benchmarks.rows import Row
from benchmarks.wang2020.clips import load_clips
from benchmarks.wang2020.plan import SEARCHED, SEARCHES, THREADS, Timing
from sottovoce.attacks import Genetic, Swarm
from sottovoce.models.classifiers import Classifier, load_classifier
from sottovoce.perturbers import AdvGAN
from sottovoce.speed.timing import take_turns
from sottovoce.threats import LabelMargin

BATCHES = (1, 64)
ROUNDS = 3
"""Generations or iterations of a search."""


def time_methods(job: Timing) -> list[Row]:
    """Milliseconds of a pass by batch size; for each search the time one by one ÷ the time at once."""
    torch.set_num_threads(THREADS)
    classifier, generator = load_classifier(job.plan.classifier), AdvGAN.load(job.plan.generator)
    clips = load_clips(job.plan, classifier).waveforms
    passes = take_turns({str(size): partial(generate, generator, clips[:size]) for size in BATCHES})
    rows: list[Row] = [{"batch": name, "milliseconds": 1000 * seconds} for name, seconds in passes.items()]
    few = clips[:SEARCHED]
    for name in SEARCHES:
        times = take_turns(
            {
                "at once": partial(search, name, classifier, few, at_once=True),
                "one by one": partial(search, name, classifier, few, at_once=False),
            }
        )
        rows.append({"search": name, "ratio": times["one by one"] / times["at once"]})
    return rows


@torch.no_grad()
def generate(generator: AdvGAN, clips: Tensor) -> Tensor:
    """One pass towards the first target."""
    changed: Tensor = generator(clips, targets=torch.zeros(len(clips), dtype=torch.int64))
    return changed


def search(name: str, classifier: Classifier, clips: Tensor, *, at_once: bool) -> None:
    """A few rounds for all clips, the whole population in one forward pass or every individual in its own.

    The target cannot be met, so both ways make the same number of queries.
    """
    random, rows = torch.Generator().manual_seed(0), None if at_once else 1
    attack = (
        Genetic(generator=random, generations=ROUNDS, rows=rows)
        if name == "genetic"
        else Swarm(generator=random, iterations=ROUNDS, epochs=1, rows=rows)
    )
    attack(classifier, clips, Unattainable(torch.tensor([0])))


class Unattainable(LabelMargin):
    """Never met."""

    def met(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return torch.zeros_like(super().met(outputs, originals, lengths))
