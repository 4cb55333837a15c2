"""Joined windows of a signal are that signal, and pieces cut at pauses cover it."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sottovoce.audio.windows import LONGEST, OVERLAP, join, pauses, spans

LENGTHS = st.integers(min_value=1, max_value=4_000_000)
SEAMS = st.sampled_from([1, 128, 256, 16_384, 5 * 16_384])


@settings(max_examples=30)
@given(samples=LENGTHS, seam=SEAMS)
def test_the_windows_of_a_signal_give_that_signal(samples, seam):
    signal = torch.rand(samples, generator=torch.Generator().manual_seed(samples), dtype=torch.float64)
    where = spans(samples, seam)
    torch.testing.assert_close(join([signal[place] for place in where], where), signal, rtol=0, atol=1e-12)


@given(samples=LENGTHS, seam=SEAMS)
def test_windows_start_on_seams_overlap_and_are_never_long_nor_short(samples, seam):
    where = spans(samples, seam)
    assert where[0].start == 0 and where[-1].stop == samples
    assert all(place.start % seam == 0 for place in where)
    assert all(place.stop - place.start <= LONGEST for place in where)
    assert len(where) == 1 or min(place.stop - place.start for place in where) > 4 * 16_000
    assert all(one.stop - other.start >= OVERLAP for one, other in pairwise(where))


@given(samples=LENGTHS, seam=st.sampled_from([16 * 16_384, 250_001, 1_000_000]))
def test_seams_longer_than_a_window_make_longer_windows(samples, seam):
    where = spans(samples, seam)
    assert where[0].start == 0 and where[-1].stop == samples
    assert all(place.start % seam == 0 for place in where)
    assert all(place.stop - place.start <= LONGEST + seam for place in where)
    assert len(where) == 1 or min(place.stop - place.start for place in where) > 4 * 16_000
    assert all(one.stop - other.start >= OVERLAP for one, other in pairwise(where))


def test_no_seam_is_refused():
    with pytest.raises(ValueError, match="seam must be an integer of at least 1; got 0"):
        spans(1, 0)


def test_twenty_seconds_are_one_window_and_a_sample_more_are_two():
    assert [len(spans(20 * 16_000 + more)) for more in (0, 1)] == [1, 2]


def test_a_fade_has_no_step():
    where = spans(600_000)
    levels = [torch.full((place.stop - place.start,), float(number)) for number, place in enumerate(where)]
    faded = join(levels, where)
    assert faded[0] == 0 and faded[-1] == len(where) - 1
    assert faded.diff().min() >= -1e-6  # up from level to level without a dip
    assert faded.diff().max() < torch.pi / 2 / OVERLAP * 1.01  # the slope of a raised cosine


@settings(max_examples=20)
@given(samples=LENGTHS)
def test_pieces_cover_the_signal_once(samples):
    pieces = pauses(torch.rand(samples))
    assert pieces[0].start == 0 and pieces[-1].stop == samples
    assert all(one.stop == other.start for one, other in pairwise(pieces))
    assert all(piece.stop - piece.start <= LONGEST for piece in pieces)


@pytest.mark.parametrize("second", [11.0, 15.5, 19.0])
def test_the_cut_is_in_the_pause(second):
    signal = torch.ones(30 * 16_000)
    middle = round(second * 16_000)
    signal[middle - 1600 : middle + 1600] = 0
    assert abs(pauses(signal)[0].stop - middle) <= 1600
