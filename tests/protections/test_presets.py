"""Our settings of the attacks keep their budgets and do what they are for."""

import pytest
import torch

from sottovoce.attacks import FGSM, OPT, PGD
from sottovoce.channels import AdditiveNoise, OneOf, Quantization
from sottovoce.models.adapters import AsEnhancer, AsRecognizer
from sottovoce.models.chain import Chain
from sottovoce.protections import presets
from sottovoce.protections.presets import AttackName
from sottovoce.threats import Erasure, OtherWords, SpectralSpeech


class Gate(torch.nn.Module):
    """Lets through what is above a level."""

    def forward(self, waveforms):
        level = waveforms.unfold(-1, 400, 400).square().mean(-1).sqrt().repeat_interleave(400, -1)
        return waveforms * torch.sigmoid(200.0 * (level - 0.03))


@pytest.fixture
def speech() -> torch.Tensor:
    return 0.05 * torch.randn(2, 8000, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("name", "kind"), [("fgsm", FGSM), ("pgd", PGD), ("opt", OPT)])
def test_each_name_is_an_attack_within_its_snr(name: str, kind: type, speech) -> None:
    reported: list[int] = []
    attack, objective = presets.erasing(AttackName(name), 15.0, steps=3, progress=reported.append)
    result = attack(AsEnhancer(Gate()), speech, objective)
    assert isinstance(attack, kind) and (result.snr >= 15.0 - 1e-3).all()
    assert reported == ([] if name == "fgsm" else [1, 2, 3])


def test_what_is_wanted_comes_nearer(speech) -> None:
    enhancer, target = AsEnhancer(Gate()), speech.flip(0)
    lengths = torch.full((2,), 8000)
    for made, objective in (
        (presets.erasing(AttackName.OPT, 10.0, steps=10), Erasure()),
        (presets.targeted(AttackName.PGD, 10.0, target, steps=10), SpectralSpeech(target)),
    ):
        attack, chosen = made
        before = objective.loss(enhancer(speech), speech, lengths)
        assert type(chosen) is type(objective) and (attack(enhancer, speech, chosen).loss < before).all()


def test_words_are_left_within_the_snr_also_behind_what_is_random(speech) -> None:
    class Sign(torch.nn.Module):
        def forward(self, waveforms):
            level = waveforms.unfold(-1, 2000, 2000).mean(-1)
            return torch.stack([0.0 * level, 99.0 * level, -99.0 * level], -1)

    recognizer = AsRecognizer(Sign(), ("", "A", "B"))
    (text,) = recognizer.transcribe(speech[:1])
    generator = torch.Generator().manual_seed(0)
    channels = OneOf([AdditiveNoise(20.0, generator=generator), Quantization()], generator=generator)
    listeners = [recognizer, Chain(channels, recognizer)]
    result = presets.crossing(6.0, steps=20)(listeners, speech[:1], OtherWords([text], recognizer))
    assert recognizer.transcribe(result.adversarial) != [text] and result.snr.item() >= 6.0 - 1e-3


def test_rooms_grow_with_the_steps_up_to_a_bound() -> None:
    assert presets.count_rooms(60) == 60 and presets.count_rooms(5000) == presets.MOST_ROOMS
    assert presets.steps_of(AttackName.FGSM, is_targeted=True) == 1
    assert presets.steps_of(AttackName.OPT, is_targeted=False) < presets.steps_of(AttackName.OPT, is_targeted=True)
