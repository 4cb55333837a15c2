"""The `repr` that attacks and what they are made of share."""

import torch
from torch import Tensor, nn

from sottovoce.threats.settings import Settings


class Budget(Settings):
    def __init__(self, radius: float) -> None:
        self.radius = radius


class Search(Settings):
    def __init__(self, budget: object = None, **more: object) -> None:
        self.budget = budget


class Tuned(Search):
    def __init__(self, *, budget: object, target: Tensor, network: nn.Module, generator: object, told: object) -> None:
        super().__init__(budget)
        self.target, self.network, self.generator, self.told = target, network, generator, told


def test_nothing_is_listed_without_arguments() -> None:
    assert repr(Search()) == "Search()"
    assert repr(Settings()) == "Settings()"


def test_objects_show_their_own_settings_and_fractions_are_rounded() -> None:
    assert repr(Search(Budget(2000 / 32768))) == "Search(budget=Budget(radius=0.0610352))"


def test_tensors_networks_generators_and_functions_stay_short() -> None:
    told = list[int]()
    tuned = Tuned(
        budget=(1.2, 20),
        target=torch.zeros(2, 16_000),
        network=nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3)),
        generator=torch.Generator(),
        told=told.append,
    )
    expected = "Tuned(budget=(1.2, 20), target=Tensor(2, 16000), network=Sequential, generator=Generator)"
    assert repr(tuned) == expected
