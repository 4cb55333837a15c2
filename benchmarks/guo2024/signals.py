"""The signals that are tested: recordings as they are, protected, restored or purified."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from benchmarks.recordings import as_written
from benchmarks.rows import stem
from sottovoce.attacks import OPT, PGD, Attack
from sottovoce.audio.batch import full_lengths
from sottovoce.channels.purifiers import AdditiveNoise, MedianSmoothing, Quantization
from sottovoce.metrics import snr
from sottovoce.models.speakers import Similarity, SpeakerEncoder, load_speaker_encoder
from sottovoce.perturbers import SSED, refine
from sottovoce.threats.budgets import SNRFloor
from sottovoce.threats.objectives.speakers import AwayFrom

RECORDED, ADVERSARIAL, RESTORED, REFINED, SEMI_INFORMED, INVERTED = "rec", "adv", "rst", "ref", "semi", "inv"
PURIFIED = ("an", "qt", "ms")
OPTIMISED = ("pgd", "opt")
OPTIMISING_STEPS, LAST_STEP = 50, 0.05


@dataclass(frozen=True)
class Signal:
    """One way to process a recording.

    Attributes:
        kind: "rec": unchanged; "adv": protected by a generator; "rst": then restored by the generator's removal module;
            "ref": then restored by the removal module and `refine`; "semi": then restored by an attacker's removal
            module; "inv": then restored by `refine` alone; "an", "qt", "ms": then purified by noise, quantisation or a
            median filter; "pgd", "opt": protected by optimisation, at the generator's SNR.
        model: name or path of the generator; empty for "rec".
        helper: the attacker's model for "semi", the encoder attacked for "pgd" and "opt".
    """

    kind: str
    model: str = ""
    helper: str = ""

    @property
    def name(self) -> str:
        """The kind and the models, as part of a file name."""
        return "-".join(stem(word) for word in (self.kind, self.model, self.helper) if word)

    def make(self, waveforms: Sequence[Tensor], seed: int) -> list[Tensor]:
        """The processed recordings after writing them as 16-bit files and reading them, each `(samples,)`.

        Args:
            waveforms: tensors `(samples_i,)` at 16 kHz.
            seed: seed of the purifier's noise.
        """
        if self.kind == RECORDED:
            return list(waveforms)
        generator = SSED.load(self.model)
        with torch.no_grad():
            hidden = [_written(generator, waveform) for waveform in waveforms]
            if self.kind == ADVERSARIAL:
                return hidden
            if self.kind not in OPTIMISED:
                treatment = self._treatment(generator, seed)
                return [_written(treatment, waveform) for waveform in hidden]
        encoder = load_speaker_encoder(self.helper)
        return [self._optimised(encoder, *pair) for pair in zip(waveforms, hidden, strict=True)]

    def _treatment(self, generator: SSED, seed: int) -> nn.Module:
        match self.kind:
            case "rst":
                return _Removal(generator)
            case "semi":
                return _Removal(SSED.load(self.helper))
            case "ref":
                return _Refinement(generator, _Removal(generator))
            case "inv":
                return _Refinement(generator)
            case "an":
                return AdditiveNoise(generator=torch.Generator().manual_seed(seed))
            case "qt":
                return Quantization()
            case "ms":
                return MedianSmoothing()
        raise ValueError(f"there is no treatment {self.kind!r}")

    def _optimised(self, encoder: SpeakerEncoder, waveform: Tensor, hidden: Tensor) -> Tensor:
        with torch.no_grad():
            similarity = Similarity(encoder, encoder(waveform[None]))
        floor = float(snr(waveform[None], hidden[None]))
        step = 0.25 * float(waveform.square().mean().sqrt()) * 10 ** (-floor / 20)
        attack: Attack = (
            PGD(step=step, steps=OPTIMISING_STEPS, decay=LAST_STEP, budget=SNRFloor(floor))
            if self.kind == "pgd"
            else OPT(lr=step, steps=OPTIMISING_STEPS, decay=LAST_STEP, alpha=1.0, budget=SNRFloor(floor))
        )
        found = attack(similarity, waveform[None], AwayFrom()).adversarial
        return as_written(found, full_lengths(found))[0]


class _Removal(nn.Module):
    """A removal module alone."""

    def __init__(self, network: SSED) -> None:
        super().__init__()
        self.network = network

    def forward(self, waveforms: Tensor) -> Tensor:
        return self.network.remove(waveforms)


class _Refinement(nn.Module):
    """Solves for the recording with the generator, starting from the output of `start` or from the input."""

    def __init__(self, generator: SSED, start: nn.Module | None = None) -> None:
        super().__init__()
        self.generator, self.start = generator, start or nn.Identity()

    def forward(self, waveforms: Tensor) -> Tensor:
        return refine(self.start(waveforms), waveforms, self.generator)


def _written(treatment: nn.Module, waveform: Tensor) -> Tensor:
    treated = treatment(waveform[None])
    return as_written(treated, full_lengths(treated))[0]
