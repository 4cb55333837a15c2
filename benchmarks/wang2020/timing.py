"""How long a pass of the generator takes, and what searching for many clips at once saves."""

from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from benchmarks.rows import Row
from benchmarks.wang2020.plan import Plan, load_clips
from sottovoce.attacks import Genetic, Swarm
from sottovoce.evaluation.speed.timing import take_turns
from sottovoce.models.classifiers import Classifier, load_classifier
from sottovoce.perturbers import AdvGAN
from sottovoce.threats import LabelMargin

THREADS = 2
BATCHES = (1, 64)
SEARCHED, ROUNDS = 4, 3
"""Clips that are searched for together, and generations or iterations."""


@dataclass(frozen=True)
class Timing:
    """Measures times; to be run when nothing else runs."""

    plan: Plan

    @property
    def name(self) -> str:
        return f"timing@{self.plan.domain}"


def time_methods(job: Timing) -> list[Row]:
    """Milliseconds of a pass by batch size; for each search, times one by one ÷ times at once."""
    torch.set_num_threads(THREADS)
    victim, generator = load_classifier(job.plan.victim), AdvGAN.load(job.plan.generator)
    clips = load_clips(job.plan, victim).waveforms
    passes = take_turns({str(size): partial(generate, generator, clips[:size]) for size in BATCHES})
    rows: list[Row] = [{"batch": name, "milliseconds": 1000 * seconds} for name, seconds in passes.items()]
    few = clips[:SEARCHED]
    for name in ("genetic", "swarm"):
        times = take_turns(
            {
                "at once": partial(search, name, victim, few, at_once=True),
                "one by one": partial(search, name, victim, few, at_once=False),
            }
        )
        rows.append({"search": name, "ratio": times["one by one"] / times["at once"]})
    return rows


@torch.no_grad()
def generate(generator: AdvGAN, clips: Tensor) -> Tensor:
    """One pass towards the first target."""
    changed: Tensor = generator(clips, targets=torch.zeros(len(clips), dtype=torch.int64))
    return changed


def search(name: str, victim: Classifier, clips: Tensor, *, at_once: bool) -> None:
    """A few rounds for all clips, with the whole population in one forward pass or with every individual alone.

    The target is one that cannot be met, so that both ways ask as often.
    """
    random, rows = torch.Generator().manual_seed(0), None if at_once else 1
    attack = (
        Genetic(generator=random, generations=ROUNDS, rows=rows)
        if name == "genetic"
        else Swarm(generator=random, iterations=ROUNDS, epochs=1, rows=rows)
    )
    attack(victim, clips, Unattainable(torch.tensor([0])))


class Unattainable(LabelMargin):
    """Never met."""

    def met(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return torch.zeros_like(super().met(outputs, originals, lengths))
