"""Words protected from speech enhancers: what comes out of them is nothing intelligible, noise, or other speech."""

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn

from sottovoce.audio import files
from sottovoce.audio.batch import pad
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.errors import SottovoceError
from sottovoce.evaluation.enhance import enhance
from sottovoce.journal import sha256
from sottovoce.metrics import energy_drop, perturbation_gain
from sottovoce.metrics.base import noting
from sottovoce.protections.base import Progress
from sottovoce.protections.presets import AttackName, erasing, steps_of, targeted
from sottovoce.protections.report import Effect
from sottovoce.protections.windowed import Window, cut, perturb_in_windows
from sottovoce.threats.objectives import Noise

AT_ONCE = 2
NOISE = "noise"


class Behind(BaseModel):
    """What the written file does to one enhancer.

    Attributes:
        energy_drop: by how many dB its output is quieter than for the original, for each view.
        perturbation_gain: by how many dB it amplifies the perturbation, for each view.
    """

    model_config = ConfigDict(ser_json_inf_nan="strings")

    energy_drop: list[float]
    perturbation_gain: list[float]


class Erased(Effect):
    """What the written file does to enhancers.

    Attributes:
        behind: by the enhancer's name.
    """

    behind: dict[str, Behind]

    def lines(self) -> list[str]:
        told = []
        for name, each in self.behind.items():
            weakest = min(range(len(each.energy_drop)), key=each.energy_drop.__getitem__)
            told.append(f"{name} {-each.energy_drop[weakest]:+.1f} dB{self.where(weakest)}")
        return ["output of " + ", ".join(told)]


class AgainstEnhancers:
    """Attacks enhancers, all of them at once.

    Args:
        enhancers: by name.
        wanted: what they should give: None for nothing intelligible, "noise", or the path of a sound file.
        attack: how to search.
        steps: of the search; None for our preset's.
        snr: minimum SNR of the perturbation in dB.
        seed: of the noise.

    Raises:
        SottovoceError: `wanted` is no file that can be read, or FGSM is given steps.
    """

    def __init__(
        self,
        enhancers: Mapping[str, nn.Module],
        *,
        wanted: str | None,
        attack: AttackName,
        steps: int | None,
        snr: float,
        seed: int,
    ) -> None:
        if steps is not None and attack is AttackName.FGSM:
            raise SottovoceError("--steps: fgsm takes a single step; leave --steps out, or take pgd or opt")
        self.enhancers, self.wanted, self.attack, self.snr, self.seed = enhancers, wanted, attack, snr, seed
        self.steps = steps or steps_of(attack, is_targeted=wanted is not None)
        self.speech = self._speech() if wanted not in (None, NOISE) else None

    def identity(self) -> dict[str, object]:
        """What the perturbation depends on besides the enhancers."""
        contents = {} if self.speech is None else {"wanted_sha256": sha256(Path(str(self.wanted)))}
        return {"wanted": self.wanted, "attack": str(self.attack), "steps": self.steps, "seed": self.seed, **contents}

    def perturb(self, heard: Tensor, progress: Progress) -> Tensor:
        """See `Protection.perturb`."""
        target = self._target(heard.shape[-1])

        def search(waveforms: Tensor, lengths: Tensor, batch: list[Window], part: Progress) -> Tensor:
            def stepped(number: int) -> None:
                part(number / self.steps)

            if target is None:
                attack, objective = erasing(self.attack, self.snr, steps=self.steps, progress=stepped)
            else:
                aimed = pad([target[window.place] for window in batch])[0].to(waveforms.device)
                attack, objective = targeted(self.attack, self.snr, aimed, steps=self.steps, progress=stepped)
            return attack(list(self.enhancers.values()), waveforms, objective, lengths=lengths).adversarial

        seam = math.lcm(*(int(getattr(enhancer, "seam", 1)) for enhancer in self.enhancers.values()))
        return perturb_in_windows(heard, cut(heard, seam), AT_ONCE, search, progress)

    def measure(self, before: Tensor, after: Tensor) -> Erased:
        """See `Protection.measure`."""
        notes = self._fitting(before.shape[-1])
        with noting(notes):
            behind = {name: _behind(enhancer, before, after) for name, enhancer in self.enhancers.items()}
        return Erased(behind=behind, notes=notes)

    def _speech(self) -> Tensor:
        path = Path(str(self.wanted))
        if not path.exists():
            raise SottovoceError(
                f"--as {path}: there is no such sound file; an enhancer can be made to give a sound FILE or noise, a "
                "recogniser (--against) to write a text"
            )
        return torch.from_numpy(files.as_mono_16k(files.read(path)))

    def _target(self, samples: int) -> Tensor | None:
        """What the enhancers should give, `(samples,)` at 16 kHz."""
        if self.wanted == NOISE:
            return Noise(samples, generator=torch.Generator().manual_seed(self.seed)).waveform[0]
        if self.speech is None:
            return None
        return torch.from_numpy(np.pad(self.speech.numpy(), (0, max(0, samples - len(self.speech))))[:samples])

    def _fitting(self, samples: int) -> list[str]:
        missing = 0 if self.speech is None else samples - len(self.speech)
        if missing > 0:
            return [f"the target speech is {missing / MODEL_RATE:.2f} s shorter; silence was added after it"]
        if missing < 0:
            return [f"the target speech is {-missing / MODEL_RATE:.2f} s longer; its end was cut off"]
        return []


def _behind(enhancer: nn.Module, before: Tensor, after: Tensor) -> Behind:
    drops, gains = list[float](), list[float]()
    for original, protected in zip(before, after, strict=True):
        enhanced, spoiled = (enhance(enhancer, signal)[None] for signal in (original, protected))
        drops.append(energy_drop(enhanced, spoiled).item())
        gains.append(perturbation_gain(enhanced, spoiled, original[None], protected[None]).item())
    return Behind(energy_drop=drops, perturbation_gain=gains)
