"""Attackers who look for a key find it where it can be found."""

import pytest
import torch

from benchmarks.keyed.attackers import fitted_key, searched_key
from sottovoce.perturbers import KeyedSSED

KEY = bytes(range(7, 263, 16))


@pytest.fixture(scope="module")
def network() -> KeyedSSED:
    torch.manual_seed(0)
    return KeyedSSED(channels=16, blocks=2).eval()


def test_known_pairs_give_away_what_the_key_does(network: KeyedSSED) -> None:
    torch.manual_seed(0)
    own = 0.1 * torch.randn(3, 4000)
    protected = network.unlocked(KEY)(own)
    found = fitted_key(
        network, list(zip(own[:2], protected, strict=False)), torch.Generator().manual_seed(0), steps=200
    )
    again = network(own[2:], keys=found)
    left, added = ((each - protected[2:]).square().sum() for each in (again, own[2:]))
    assert left < 0.05 * added


def test_a_search_leaves_the_networks_as_they_were(network: KeyedSSED) -> None:
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    found = searched_key(network, 0.1 * torch.randn(30_000), steps=2)
    assert found.shape == (1, 128) and bool(found.any())
    assert all(torch.equal(weight, before[name]) for name, weight in network.state_dict().items())
