"""Methods that perturb a clip towards a target: the generator, and the searches that it replaces."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from benchmarks.wang2020 import published
from benchmarks.wang2020.plan import (
    GENERATOR,
    GRADIENT_SNR,
    GRADIENT_STEPS,
    MATCHED,
    MATCHED_EPOCHS,
    MUTATION,
    SWARM_EPOCHS,
    Plan,
)
from sottovoce.attacks import FGSM, OPT, PGD, Genetic, Swarm
from sottovoce.audio.batch import energy
from sottovoce.models.classifiers import Classifier
from sottovoce.perturbers import AdvGAN
from sottovoce.threats import Label, LabelMargin, SNRFloor

AT_ONCE = 64


@dataclass(frozen=True)
class Made:
    """The output of a method.

    Attributes:
        clips: `(batch, samples)`.
        queries: forward passes of the classifier for each clip, `(batch,)`; 0 for the generator.
    """

    clips: Tensor
    queries: Tensor


Method = Callable[[Tensor, str], Made]


def method(name: str, classifier: Classifier, generator: AdvGAN, plan: Plan) -> Method:
    """The method called `name`: `(clips (batch, samples), target) → Made`."""
    if name == GENERATOR:
        return lambda clips, target: _generated(generator, clips, target)
    if name in MATCHED.values():
        return lambda clips, target: _matched(name, classifier, clips, target, plan)

    def search(clips: Tensor, target: str) -> Made:
        random, targets = torch.Generator().manual_seed(plan.seed), torch.tensor([classifier.label_number(target)])
        step = 0.25 * float(energy(clips).mean().div(clips.shape[-1]).sqrt()) * 10 ** (-GRADIENT_SNR / 20)
        budget = SNRFloor(GRADIENT_SNR)
        match name:
            case "genetic":
                result = Genetic(generator=random)(classifier, clips, Label(targets))
            case "swarm":
                result = Swarm(generator=random, epochs=SWARM_EPOCHS)(classifier, clips, LabelMargin(targets))
            case "fgsm":
                result = FGSM(step=4 * step, budget=budget)(classifier, clips, Label(targets))
            case "pgd":
                result = PGD(step=step, steps=GRADIENT_STEPS, budget=budget)(classifier, clips, LabelMargin(targets))
            case "opt":
                attack = OPT(lr=step, steps=GRADIENT_STEPS, alpha=1.0, budget=budget)
                result = attack(classifier, clips, LabelMargin(targets))
            case _:
                raise ValueError(f"there is no method {name!r}")
        return Made(result.adversarial, result.queries)

    return search


@torch.no_grad()
def _generated(generator: AdvGAN, clips: Tensor, target: str) -> Made:
    number = generator.label_number(target)
    made = torch.cat(
        [generator(piece, targets=torch.full((len(piece),), number)) for piece in torch.split(clips, AT_ONCE)]
    )
    return Made(made, torch.zeros(len(clips), dtype=torch.int64))


def _matched(name: str, classifier: Classifier, clips: Tensor, target: str, plan: Plan) -> Made:
    """Searches within the published mean SNR, clip by clip, because the step depends on how loud a clip is."""
    targets, made = torch.tensor([classifier.label_number(target)]), []
    for clip in torch.split(clips, 1):
        random = torch.Generator().manual_seed(plan.seed)
        if name == MATCHED["genetic"]:
            result = matched_genetic(clip, plan.domain, random)(classifier, clip, Label(targets))
        else:
            result = matched_swarm(clip, plan.domain, random)(classifier, clip, LabelMargin(targets))
        made.append((result.adversarial, result.queries))
    adversarial, queries = zip(*made, strict=True)
    return Made(torch.cat(adversarial), torch.cat(queries))


def matched_genetic(clip: Tensor, domain: str, generator: torch.Generator) -> Genetic:
    """The genetic search for a clip `(1, samples)`; it starts with noise at the budget."""
    snr = published.METHODS[domain]["genetic"].snr
    return Genetic(generator=generator, mutation=MUTATION, start=1.0, step=_step(clip, snr), budget=SNRFloor(snr))


def matched_swarm(clip: Tensor, domain: str, generator: torch.Generator) -> Swarm:
    """The swarm search for a clip `(1, samples)`; it starts with noise at the budget."""
    snr = published.METHODS[domain]["swarm"].snr
    return Swarm(generator=generator, epochs=MATCHED_EPOCHS, step=_step(clip, snr), budget=SNRFloor(snr))


def _step(clip: Tensor, snr: float) -> float:
    """The largest sample of uniform noise that is `snr` dB below the clip."""
    return float((3 * clip.square().mean()).sqrt()) * 10 ** (-snr / 20)
