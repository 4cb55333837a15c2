"""Conditions and their attacks."""

import pytest
import torch

from benchmarks.dong2022.conditions import Condition
from benchmarks.dong2022.plan import MG, SEGAN
from sottovoce.threats import Erasure, Silence, SpectralSpeech


@pytest.mark.parametrize(
    ("condition", "objective", "steps"),
    [
        (Condition("pgd", MG, "paper"), Silence, 50),
        (Condition("opt", SEGAN, "paper"), Silence, 50),
        (Condition("opt", MG, "paper"), Silence, 100),
        (Condition("opt", MG, "ours"), Erasure, 60),
        (Condition("opt", MG, "target", 0.0), SpectralSpeech, 150),
    ],
)
def test_conditions_are_what_they_say(condition: Condition, objective: type, steps: int) -> None:
    attack, wanted = condition.make(torch.zeros(1, 10))
    assert type(wanted) is objective and attack.steps == steps


def test_names_tell_conditions_apart() -> None:
    conditions = [
        Condition("opt", MG, "ours"),
        Condition("opt", MG, "ours", 15.0),
        Condition("opt", MG, "paper"),
        Condition("opt", SEGAN, "noise"),
    ]
    assert len({condition.name for condition in conditions}) == len({c.slug for c in conditions}) == 4
    assert conditions[1].name == "opt on metricgan-plus (ours, SNR ≥ 15 dB)"
    assert conditions[2].name == "opt on metricgan-plus (published steps)"
