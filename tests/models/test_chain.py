"""A chain is its stages one after another, with a gradient through all of them."""

import pytest
import torch

from sottovoce.audio import pad
from sottovoce.errors import SottovoceError
from sottovoce.models.chain import Chain
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
