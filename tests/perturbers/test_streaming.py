"""A stream gives, end to end, what the whole gives."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.errors import SottovoceError
from sottovoce.perturbers import SSED, Stream


@pytest.fixture(scope="module")
def network() -> SSED:
    torch.manual_seed(0)
    return SSED(channels=4, blocks=2).eval()


@torch.no_grad()
@given(sizes=st.lists(st.integers(0, 400), min_size=1, max_size=12), seed=st.integers(0, 99))
def test_chunks_of_any_size(network: SSED, sizes: list[int], seed: int) -> None:
    waveform = 0.1 * torch.randn(sum(sizes), generator=torch.Generator().manual_seed(seed))
    stream = Stream(network.generator, network)
    pieces, taken = [], 0
    for chunk in waveform.split(sizes):
        pieces.append(stream.push(chunk))
        taken += len(chunk)
        assert taken - sum(map(len, pieces)) <= stream.lookahead
    pieces.append(stream.flush())
    whole = network(waveform[None])[0] if len(waveform) else waveform
    torch.testing.assert_close(torch.cat(pieces), whole, rtol=0, atol=1e-6)


@torch.no_grad()
def test_a_stream_can_be_used_again(network: SSED) -> None:
    stream = Stream(network.removal, network.remove)
    for seed in (1, 2):
        waveform = 0.1 * torch.randn(1000, generator=torch.Generator().manual_seed(seed))
        streamed = torch.cat([stream.push(waveform[:333]), stream.push(waveform[333:]), stream.flush()])
        torch.testing.assert_close(streamed, network.remove(waveform[None])[0], rtol=0, atol=1e-6)


def test_what_looks_at_the_whole_cannot_be_streamed() -> None:
    network = SSED(channels=4, blocks=1, normalised=True)
    with pytest.raises(SottovoceError, match="cannot be streamed"):
        Stream(network.generator, network)
