"""A chain is its stages one after another, with a gradient through all of them."""

import pytest
import torch

from sottovoce.audio import pad
from sottovoce.errors import SottovoceError
from sottovoce.models.chain import Chain, device_of, end_of
from sottovoce.models.enhancers import SEGAN
from sottovoce.models.recognizers import DeepSpeech


def test_outputs_and_gradients_are_those_of_the_stages() -> None:
    torch.manual_seed(0)
    enhancer, recognizer = SEGAN(width=1 / 64).eval(), DeepSpeech(hidden=8, layers=1).eval()
    batch, lengths = pad([0.1 * torch.randn(4000), 0.1 * torch.randn(2500)])
    batch.requires_grad_()
    logits = Chain(enhancer, recognizer)(batch, lengths)
    torch.testing.assert_close(logits, recognizer(enhancer(batch, lengths), lengths))
    (gradient,) = torch.autograd.grad(logits.square().sum(), batch)
    assert gradient[:, :2500].any(1).all() and not gradient[1, 2500:].any()


def test_a_chain_of_nothing_is_refused() -> None:
    with pytest.raises(SottovoceError):
        Chain()


def test_a_chain_of_chains_ends_where_the_last_one_ends() -> None:
    torch.manual_seed(0)
    enhancer, recognizer = SEGAN(width=1 / 64).eval(), DeepSpeech(hidden=8, layers=1).eval()
    chain = Chain(enhancer, Chain(enhancer, recognizer))
    waveforms = 0.1 * torch.randn(1, 4000)
    assert chain.end is recognizer is end_of(chain) is end_of(recognizer)
    torch.testing.assert_close(chain.front(waveforms), enhancer(enhancer(waveforms)))
    torch.testing.assert_close(chain(waveforms), recognizer(chain.front(waveforms)))


def test_windows_start_where_every_stage_allows_it() -> None:
    first, second = torch.nn.Identity(), torch.nn.Identity()
    first.seam, second.seam = 6, 4
    assert Chain(first, second, torch.nn.Identity()).seam == 12
    assert device_of(torch.nn.Identity()) == torch.device("cpu") == Chain(first).device
