"""Times of attacks: PGD compared with bare passes and with other libraries, and the attacks of `protect words`."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from sottovoce.attacks import PGD
from sottovoce.audio.batch import full_lengths
from sottovoce.errors import SottovoceError
from sottovoce.models.enhancers import load_enhancer
from sottovoce.protections.presets import AttackName, erasing
from sottovoce.speed.timing import BATCH, SECONDS, STEP, STEPS, batch, take_turns
from sottovoce.threats.objectives import Silence


def compared(name: str) -> dict[str, float]:
    """Milliseconds of a forward and backward pass of an enhancer; steps of PGD as ratios to it, by library."""
    waveforms, enhancer = batch(), load_enhancer(name)
    runs: dict[str, Callable[[], object]] = {
        "bare": partial(bare_passes, enhancer, waveforms, STEPS),
        "ours": partial(PGD(step=STEP, steps=STEPS), enhancer, waveforms, Silence()),
        "foolbox": foolbox_pgd(enhancer, waveforms, STEPS),
        "ART": art_pgd(enhancer, waveforms, STEPS),
    }
    seconds = take_turns(runs)
    ratios = {key: seconds[key] / seconds["bare"] for key in ("ours", "foolbox", "ART")}
    return {"milliseconds": 1000 * seconds["bare"] / STEPS, **ratios}


def bare_passes(enhancer: nn.Module, waveforms: Tensor, steps: int) -> None:
    """`steps` forward passes, each with a backward pass to the input."""
    lengths = full_lengths(waveforms)
    for _ in range(steps):
        inputs = waveforms.clone().requires_grad_()
        enhancer(inputs, lengths).square().mean(-1).sum().backward()


def foolbox_pgd(enhancer: nn.Module, waveforms: Tensor, steps: int) -> Callable[[], object]:
    """The same attack by foolbox, ready to run."""
    foolbox = _import("foolbox")

    class ToSilence(foolbox.attacks.LinfProjectedGradientDescentAttack):  # type: ignore[misc, name-defined]
        def get_loss_fn(self, model: Callable[[Any], Any], labels: Any) -> Callable[[Any], Any]:
            return lambda inputs: -model(inputs).square().mean(axis=-1).sum()

    model = foolbox.PyTorchModel(enhancer.eval(), bounds=(-1, 1), device="cpu")
    criterion = foolbox.criteria.Misclassification(torch.zeros(len(waveforms), dtype=torch.int64))
    attack = ToSilence(abs_stepsize=STEP, steps=steps, random_start=False)
    return lambda: attack.run(model, waveforms, criterion, epsilon=STEP * steps)


def art_pgd(enhancer: nn.Module, waveforms: Tensor, steps: int) -> Callable[[], object]:
    """The same attack by the Adversarial Robustness Toolbox, ready to run."""
    _import("art")
    from art.attacks.evasion import ProjectedGradientDescentPyTorch
    from art.estimators.classification import PyTorchClassifier

    class MeanSquare(nn.Module):
        def forward(self, outputs: Tensor, labels: Tensor) -> Tensor:
            return (outputs - labels).square().mean(-1).sum()

    samples = waveforms.shape[-1]
    classifier = PyTorchClassifier(
        enhancer.eval(),
        loss=MeanSquare(),
        input_shape=(samples,),
        nb_classes=samples,
        clip_values=(-1, 1),
        device_type="cpu",
    )
    attack = ProjectedGradientDescentPyTorch(
        classifier,
        eps=STEP * steps,
        eps_step=STEP,
        max_iter=steps,
        targeted=True,
        batch_size=len(waveforms),
        verbose=False,
    )
    inputs, silence = waveforms.numpy(), np.zeros(waveforms.shape, dtype=np.float32)
    return lambda: attack.generate(inputs, y=silence)


def per_second(name: str) -> dict[str, float]:
    """Computing time in seconds per second of audio on an enhancer, for each attack of `protect words`."""
    enhancer, waveforms, seconds = load_enhancer(name), batch(), dict[str, float]()
    for attack_name in AttackName:
        attack, objective = erasing(attack_name, 20.0)
        start = time.perf_counter()
        attack(enhancer, waveforms, objective)
        seconds[attack_name.value] = (time.perf_counter() - start) / (SECONDS * BATCH)
    return seconds


def _import(name: str) -> Any:
    try:
        return __import__(name)
    except ImportError as error:
        raise SottovoceError(f"{name} is not installed: pip install 'sottovoce[dev]'") from error
