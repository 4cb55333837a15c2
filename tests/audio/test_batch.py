"""Padding is added and removed, and never counts."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.audio import (
    by_length,
    energy,
    energy_about_mean,
    full_lengths,
    length_mask,
    map_rows,
    pad,
    unpad,
    zero_padding,
)
from sottovoce.audio.batch import mean_square

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


@given(lengths=st.lists(st.integers(min_value=1, max_value=50), min_size=1, max_size=6))
def test_mean_square_counts_only_the_signal(lengths: list[int]) -> None:
    batch, found = pad(ramps(lengths))
    expected = [(n + 1) * (2 * n + 1) / 6 for n in lengths]  # (1² + 2² + … + n²) / n
    np.testing.assert_allclose(mean_square(batch, found).numpy(), expected, rtol=1e-6)


@given(lengths=st.lists(st.integers(min_value=1, max_value=20), min_size=1, max_size=6))
def test_a_function_sees_each_row_without_its_padding(lengths: list[int]) -> None:
    batch, found = pad(ramps(lengths))
    batch[~length_mask(found, batch.shape[1])] = torch.nan
    reversed_rows = by_length(lambda rows: rows.flip(-1), batch, found)
    assert reversed_rows.tolist() == [[*range(n, 0, -1), *[0] * (max(lengths) - n)] for n in lengths]


def test_rows_of_equal_length_reach_the_function_together() -> None:
    seen = []

    def sums(rows: torch.Tensor) -> torch.Tensor:
        seen.append(tuple(rows.shape))
        return rows.sum(-1, keepdim=True)

    batch, lengths = pad(ramps([3, 2, 3, 1]))
    assert by_length(sums, batch, lengths).tolist() == [[6.0], [3.0], [6.0], [1.0]]
    assert sorted(seen) == [(1, 1), (1, 2), (2, 3)]
    assert by_length(sums, batch, None).tolist() == batch.sum(-1, keepdim=True).tolist()
    assert seen[3:] == [(4, 3)]


def test_a_batch_wider_than_its_rows_keeps_its_shape() -> None:
    batch, lengths = pad(ramps([3, 2, 3]))
    for wide in (batch, torch.nn.functional.pad(batch, (0, 4))):
        for rows in (slice(0, 3), slice(0, 1)):
            mapped = map_rows(lambda some: some.flip(-1), wide[rows], lengths[rows])
            wanted = [[*range(n, 0, -1), *[0] * (wide.shape[1] - n)] for n in lengths[rows].tolist()]
            assert mapped.tolist() == wanted


def test_what_stands_beside_the_rows_reaches_the_function_with_them() -> None:
    batch, lengths = pad(ramps([3, 1, 3, 2]))
    gains = torch.tensor([1.0, 10.0, 100.0, 1000.0])
    scaled = map_rows(lambda rows, gain: rows * gain[:, None], batch, lengths, gains)
    assert torch.equal(scaled, batch * gains[:, None])


@given(lengths=st.lists(st.integers(min_value=1, max_value=50), min_size=1, max_size=6), offset=st.floats(-1, 1))
def test_energy_about_the_mean_is_the_variance_of_the_signal(lengths: list[int], offset: float) -> None:
    rows = [torch.sin(ramp) for ramp in ramps(lengths)]
    batch, found = pad([row + offset for row in rows])
    expected = [len(row) * row.double().var(correction=0).item() for row in rows]
    np.testing.assert_allclose(energy_about_mean(batch, found).numpy(), expected, rtol=1e-4, atol=1e-5)


def test_a_constant_has_no_energy_about_its_mean_at_any_level() -> None:
    levels = torch.rand(50, 1, generator=torch.Generator().manual_seed(0)) - 0.5
    assert not energy_about_mean(levels.expand(50, 4001)).any()
