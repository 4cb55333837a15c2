"""The SNR of a mixture is the requested one, measured on the added noise."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.corpora import limit_peak, mix, random_excerpt
from sottovoce.errors import SottovoceError


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return 0.1 * torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@given(
    snrs=st.lists(st.floats(min_value=-60, max_value=60), min_size=1, max_size=4),
    samples=st.integers(min_value=1, max_value=500),
)
def test_snr_is_exact(snrs: list[float], samples: int) -> None:
    speech, disturbance = noise(len(snrs), samples), noise(len(snrs), samples, seed=1)
    added = (mix(speech, disturbance, torch.tensor(snrs, dtype=torch.float64)) - speech).numpy()
    found = 10 * np.log10((speech.numpy() ** 2).sum(1) / (added**2).sum(1))
    np.testing.assert_allclose(found, snrs, rtol=0, atol=1e-6)


def test_one_snr_for_all_rows_and_no_batch() -> None:
    speech, disturbance = noise(3, 100), noise(3, 100, seed=1)
    assert torch.equal(mix(speech, disturbance, 5.0)[1], mix(speech[1], disturbance[1], 5.0))


@pytest.mark.parametrize(("speech", "disturbance"), [(0.0, 1.0), (1.0, 0.0)])
def test_silence_is_refused(speech: float, disturbance: float) -> None:
    with pytest.raises(SottovoceError, match="silent"):
        mix(torch.full((2, 10), speech), torch.full((2, 10), disturbance), 0.0)


def test_peak_is_limited_by_one_gain_for_all() -> None:
    loud, quiet = torch.tensor([2.0, -4.0]), torch.tensor([0.1, 0.2])
    limited, others = limit_peak(torch.stack([loud, quiet]), torch.ones(2, 2))
    assert limited[0].tolist() == pytest.approx([0.495, -0.99])
    assert others[0].tolist() == pytest.approx([0.2475, 0.2475])
    assert torch.equal(limited[1], quiet) and torch.equal(others[1], torch.ones(2))


@given(samples=st.integers(min_value=1, max_value=30), wanted=st.integers(min_value=1, max_value=100))
def test_an_excerpt_runs_on_in_order(samples: int, wanted: int) -> None:
    excerpt = random_excerpt(torch.arange(samples), wanted, torch.Generator().manual_seed(wanted))
    assert len(excerpt) == wanted
    assert torch.equal(excerpt, (excerpt[0] + torch.arange(wanted)) % samples)


def test_every_place_is_drawn_and_a_seed_draws_the_same() -> None:
    ramp = torch.arange(5)
    generator = torch.Generator().manual_seed(0)
    assert {int(random_excerpt(ramp, 3, generator)[0]) for _ in range(60)} == {0, 1, 2}
    first, second = (random_excerpt(torch.arange(10_000), 1, torch.Generator().manual_seed(7)) for _ in range(2))
    assert torch.equal(first, second)
