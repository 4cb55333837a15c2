"""A keyed SSED: what a key changes, and that the networks under a key are an ordinary SSED."""

import hashlib

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.errors import SottovoceError
from sottovoce.perturbers import SSED, KeyedSSED, load_generator, refine
from sottovoce.perturbers.keyed import signs

KEYS = st.binary(min_size=16, max_size=16)


@pytest.fixture(scope="module")
def network() -> KeyedSSED:
    torch.manual_seed(0)
    network = KeyedSSED(channels=4, blocks=2)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm1d):
            module.running_mean.uniform_(-0.1, 0.1)  # type: ignore[union-attr]
    return network.eval()


@given(key=KEYS)
def test_the_bits_of_a_key_are_signs(key: bytes) -> None:
    bits = (signs(key) > 0).tolist()
    assert int("".join("01"[bit] for bit in bits), 2) == int.from_bytes(key) and len(bits) == 128
    assert (signs(key).abs() == 1).all()


@torch.no_grad()
@given(key=KEYS, samples=st.integers(1, 200))
def test_under_a_key_it_is_an_ordinary_ssed(network: KeyedSSED, key: bytes, samples: int) -> None:
    waveforms, keys = 0.2 * torch.randn(2, samples), signs(key).repeat(2, 1)
    unlocked = network.unlocked(key)
    torch.testing.assert_close(unlocked(waveforms), network(waveforms, keys=keys), rtol=0, atol=1e-6)
    torch.testing.assert_close(
        unlocked.remove(waveforms), network.removed(waveforms, keys).waveforms, rtol=0, atol=1e-6
    )


@torch.no_grad()
def test_every_row_has_its_own_key(network: KeyedSSED) -> None:
    rows, keys = 0.1 * torch.randn(1, 500).repeat(3, 1), torch.stack([signs(bytes([n]) * 16) for n in (1, 2, 1)])
    found = network(rows, torch.tensor([500, 500, 400]), keys)
    torch.testing.assert_close(found[0], network(rows[:1], keys=keys[:1])[0], rtol=0, atol=1e-6)
    assert (found[0] - found[1]).abs().max() > 1e-4
    assert not found[2, 400:].any()


def test_unlocking_leaves_the_network_as_it_was(network: KeyedSSED) -> None:
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    network.unlocked(bytes(16))
    assert all(torch.equal(weight, before[name]) for name, weight in network.state_dict().items())


def test_without_a_key_nothing_is_hidden(network: KeyedSSED) -> None:
    with pytest.raises(SottovoceError, match="needs a key"):
        network(torch.zeros(1, 100))


def test_either_kind_is_found_by_name() -> None:
    assert isinstance(load_generator("ssed-ecapa-tdnn"), SSED)
    assert isinstance(load_generator("ssed-keyed"), KeyedSSED)


@torch.no_grad()
def test_with_the_shipped_weights_another_key_does_not_restore() -> None:
    """A tone with harmonics stands in for a voice; the figures for speech are those of the benchmark."""
    network = KeyedSSED.load("ssed-keyed")
    own, other = (network.unlocked(hashlib.sha256(word).digest()[:16]) for word in (b"own", b"other"))
    times = torch.arange(32_000) / 16_000
    voice = 0.05 * sum(torch.sin(2 * torch.pi * 120 * k * times) / k for k in range(1, 30))[None]
    voice = voice * (0.6 + 0.4 * torch.sin(2 * torch.pi * 3 * times))
    hidden = own(voice)
    left = [float((refine(each.remove(hidden), hidden, each) - voice).square().sum()) for each in (own, other)]
    added = float((hidden - voice).square().sum())
    assert left[0] < 0.04 * added and left[1] > 0.25 * added  # 14 dB gained, and less than 6
