"""Padding goes on and comes off, and nothing in it counts."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.audio import energy, full_lengths, length_mask, pad, unpad, zero_padding

LENGTHS = st.lists(st.integers(min_value=0, max_value=50), min_size=1, max_size=6)


def ramps(lengths: list[int]) -> list[torch.Tensor]:
    return [torch.arange(1.0, length + 1.0) for length in lengths]


@given(lengths=LENGTHS)
def test_padding_comes_off_again(lengths: list[int]) -> None:
    batch, found = pad(ramps(lengths))
    assert batch.shape == (len(lengths), max(lengths)) and found.tolist() == lengths and found.dtype == torch.int64
    for row, ramp in zip(unpad(batch, found), ramps(lengths), strict=True):
        assert torch.equal(row, ramp)


@given(lengths=LENGTHS)
def test_energy_of_a_padded_row_is_that_of_the_row(lengths: list[int]) -> None:
    expected = [n * (n + 1) * (2 * n + 1) / 6 for n in lengths]  # 1² + 2² + … + n²
    assert energy(pad(ramps(lengths))[0]).tolist() == expected


@given(lengths=LENGTHS)
def test_mask_is_true_on_the_signal_alone(lengths: list[int]) -> None:
    expected = np.tri(51, 50, -1, dtype=bool)[lengths]
    assert np.array_equal(length_mask(torch.tensor(lengths), 50).numpy(), expected)


def test_padding_becomes_exactly_zero_whatever_was_in_it() -> None:
    batch = torch.tensor([[1.0, 2.0, 3.0], [4.0, torch.nan, torch.inf]], requires_grad=True)
    cleaned = zero_padding(batch, torch.tensor([3, 1]))
    assert cleaned.tolist() == [[1.0, 2.0, 3.0], [4.0, 0.0, 0.0]]
    cleaned.sum().backward()
    assert batch.grad is not None and batch.grad.tolist() == [[1.0, 1.0, 1.0], [1.0, 0.0, 0.0]]


def test_no_lengths_and_full_lengths_leave_all() -> None:
    batch = torch.ones(2, 5)
    assert full_lengths(batch).tolist() == [5, 5]
    assert torch.equal(zero_padding(batch, None), batch)
    assert torch.equal(zero_padding(batch, full_lengths(batch)), batch)
