"""The ways to a targeted clip: the generator, and what it replaces."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from sottovoce.attacks import FGSM, OPT, PGD, Genetic, Swarm
from sottovoce.audio.batch import energy
from sottovoce.models.classifiers import Classifier
from sottovoce.perturbers import AdvGAN
from sottovoce.threats import Label, LabelMargin, SNRFloor

GENERATOR, SEARCHES, GRADIENTS = "generator", ("genetic", "swarm"), ("fgsm", "pgd", "opt")
GRADIENT_SNR = 20.0
"""dB that the gradient attacks keep."""
GRADIENT_STEPS = 50
SWARM_EPOCHS = 10
"""The published 300 are 225,000 queries a clip."""
AT_ONCE = 64


@dataclass(frozen=True)
class Made:
    """What a method made of a batch.

    Attributes:
        clips: `(batch, samples)`.
        queries: forward passes of the victim on each, `(batch,)`; 0 for the generator.
    """

    clips: Tensor
    queries: Tensor


Method = Callable[[Tensor, str], Made]


def method(name: str, victim: Classifier, generator: AdvGAN, seed: int) -> Method:
    """The method called `name`: `(clips (batch, samples), target) → Made`."""
    if name == GENERATOR:
        return lambda clips, target: _generated(generator, clips, target)

    def search(clips: Tensor, target: str) -> Made:
        random, targets = torch.Generator().manual_seed(seed), torch.tensor([victim.label_number(target)])
        step = 0.25 * float(energy(clips).mean().div(clips.shape[-1]).sqrt()) * 10 ** (-GRADIENT_SNR / 20)
        budget = SNRFloor(GRADIENT_SNR)
        match name:
            case "genetic":
                result = Genetic(generator=random)(victim, clips, Label(targets))
            case "swarm":
                result = Swarm(generator=random, epochs=SWARM_EPOCHS)(victim, clips, LabelMargin(targets))
            case "fgsm":
                result = FGSM(step=4 * step, budget=budget)(victim, clips, Label(targets))
            case "pgd":
                result = PGD(step=step, steps=GRADIENT_STEPS, budget=budget)(victim, clips, LabelMargin(targets))
            case "opt":
                attack = OPT(lr=step, steps=GRADIENT_STEPS, alpha=1.0, budget=budget)
                result = attack(victim, clips, LabelMargin(targets))
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
