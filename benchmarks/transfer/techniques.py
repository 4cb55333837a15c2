"""Ways to search, each different from an attack on Whisper tiny.en in one thing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn

from sottovoce.attacks import EOT
from sottovoce.channels import AdditiveNoise, Codec, OneOf
from sottovoce.models.chain import Chain
from sottovoce.models.loading import load_listener
from sottovoce.protections.presets import CROSSING_STEP, LAST_STEP, Effort, Strength, displaced
from sottovoce.threats import (
    Domain,
    GainDomain,
    MaskedDomain,
    Objective,
    OtherFeatures,
    OtherWords,
    ShapedDomain,
    SNRFloor,
    TheseWords,
    Unlimited,
)

Fronts = Callable[[torch.Generator], Sequence[nn.Module]]


def words(recognizer: Any, waveforms: Tensor, lengths: Tensor) -> Objective:
    """Other words than are written now."""
    text = (recognizer.written if hasattr(recognizer, "written") else recognizer.transcribe)(waveforms)
    return OtherWords(text, recognizer)


def nothing(recognizer: Any, waveforms: Tensor, lengths: Tensor) -> Objective:
    """The end of the text at once."""
    return TheseWords([""], recognizer)


@torch.no_grad()
def states(recognizer: Any, waveforms: Tensor, lengths: Tensor) -> Objective:
    """Other states of the encoder; of a recogniser that gives none, other words."""
    if not hasattr(recognizer, "own_frames"):
        return words(recognizer, waveforms, lengths)
    return OtherFeatures(recognizer(waveforms, lengths), recognizer.own_frames(lengths))


@dataclass(frozen=True)
class Technique:
    """A search.

    Attributes:
        attacked: names of recognisers.
        domain: the coordinates.
        snr: least SNR in dB; None for no limit.
        step: Adam's first.
        steps: number of steps.
        wish: what each listener should make of it.
        moved: whether each step hears another delay and equaliser.
        fronts: what may stand before a recogniser, drawn at every step; each is then pursued alone and behind it.
    """

    attacked: tuple[str, ...] = ("whisper-tiny.en",)
    domain: Domain = field(default_factory=lambda: ShapedDomain(1.0))
    snr: float | None = Strength.MEDIUM.snr
    step: float = CROSSING_STEP
    steps: int = Effort.NORMAL.steps
    wish: Callable[[Any, Tensor, Tensor], Objective] = states
    moved: bool = True
    fronts: Fronts | None = None

    def __call__(self, waveforms: Tensor, seed: int) -> Tensor:
        """Adversarial waveforms for one row `(1, samples)`."""
        lengths, generator = torch.tensor([waveforms.shape[-1]]), torch.Generator().manual_seed(seed)
        front = None if self.fronts is None else OneOf(list(self.fronts(generator)), generator=generator)
        listeners, objectives = list[nn.Module](), list[Objective]()
        for name in self.attacked:
            recognizer = load_listener(name)
            alone = Chain(displaced(generator), recognizer) if self.moved else recognizer
            ways = [alone] if front is None else [alone, Chain(front, recognizer)]
            listeners += ways
            objectives += [self.wish(recognizer, waveforms, lengths)] * len(ways)
        budget = Unlimited() if self.snr is None else SNRFloor(self.snr)
        attack = EOT(steps=self.steps, lr=self.step, decay=LAST_STEP, budget=budget, domain=self.domain)
        return attack(listeners, waveforms, objectives, lengths=lengths).adversarial


def _channels(generator: torch.Generator) -> Sequence[nn.Module]:
    return AdditiveNoise(20.0, generator=generator), Codec("mp3", 64), Codec("opus", 24)


def _enhancers(generator: torch.Generator) -> Sequence[nn.Module]:
    return load_listener("nsnet2"), load_listener("dtln")


def _noise(generator: torch.Generator) -> Sequence[nn.Module]:
    return (AdditiveNoise(20.0, generator=generator),)


_ALONE = Technique()
TECHNIQUES: Mapping[str, Technique] = {
    "Whisper tiny.en": _ALONE,
    "and the surrogate (default)": replace(
        _ALONE, attacked=("whisper-tiny.en", "whisper-student"), snr=Strength.MEDIUM.surrogate_snr
    ),
    "light": replace(_ALONE, snr=Strength.LIGHT.snr),
    "strong": replace(_ALONE, snr=Strength.STRONG.snr),
    "the words instead of the states": replace(_ALONE, wish=words),
    "the words 6.5 dB louder": replace(_ALONE, wish=words, snr=Strength.MEDIUM.snr - 6.5),
    "mute": replace(_ALONE, wish=nothing),
    "half the step": replace(_ALONE, step=CROSSING_STEP / 2),
    "twice the steps": replace(_ALONE, steps=2 * Effort.NORMAL.steps),
    "spectrum^0.7": replace(_ALONE, domain=ShapedDomain(0.7)),
    "masking threshold": replace(_ALONE, domain=MaskedDomain()),
    "gains of ±4 dB": replace(_ALONE, domain=GainDomain(4.0), snr=None, step=0.3),
    "without delay and equaliser": replace(_ALONE, moved=False),
    "noise and codecs as well": replace(_ALONE, fronts=_channels),
    "noise as well": replace(_ALONE, fronts=_noise),
    "enhancers before it": replace(_ALONE, fronts=_enhancers),
    "the surrogate instead": replace(_ALONE, attacked=("whisper-student",)),
    "and deep-speech": replace(_ALONE, attacked=("whisper-tiny.en", "deep-speech")),
}
"""By the name of a row."""
