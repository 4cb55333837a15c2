"""What is exported gives what the network gives, at any length."""

import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sottovoce.exporting.networks import FORMS, AnyReflection
from sottovoce.models.base import Model
from sottovoce.perturbers import AdvGAN
from sottovoce.perturbers.ssed import Reflection


@torch.no_grad()
@settings(max_examples=12)
@given(samples=st.integers(1, 20_000), rows=st.integers(1, 2))
@example(samples=1, rows=1)
@example(samples=256, rows=1)
@example(samples=16_384, rows=1)
@example(samples=16_385, rows=2)
def test_every_form_is_its_network(network: Model, samples: int, rows: int) -> None:
    form = FORMS[network.architecture](network).eval()
    waveforms = 0.1 * torch.randn(rows, samples, generator=torch.Generator().manual_seed(samples))
    waveforms[-1, : samples // 2] = 0.0
    beside = [torch.arange(rows)] if isinstance(network, AdvGAN) and len(network.labels) > 1 else []
    wanted = network(waveforms, None, *beside)
    torch.testing.assert_close(form(waveforms, *beside), wanted, rtol=0, atol=1e-5)


@given(samples=st.integers(1, 20), size=st.integers(1, 8))
def test_reflection_without_a_branch(samples: int, size: int) -> None:
    hidden = torch.randn(2, 3, samples, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(AnyReflection(size)(hidden), Reflection(size)(hidden), rtol=0, atol=0)


def test_the_network_itself_stays_as_it_was(network: Model) -> None:
    before = [type(module) for module in network.modules()]
    FORMS[network.architecture](network)
    assert [type(module) for module in network.modules()] == before
