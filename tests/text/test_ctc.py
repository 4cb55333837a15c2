"""Encoding and greedy decoding, against the definition of CTC."""

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.errors import SottovoceError
from sottovoce.text.ctc import BLANK, LETTERS, encode, fewest_frames, greedy

ALPHABET = ("", *LETTERS)


def test_repetitions_and_blanks_are_taken_out() -> None:
    frames = encode("AAB", ALPHABET).tolist()
    spelt = [frames[0], frames[0], 0, frames[1], frames[2], frames[2], 0, 0]
    logits = torch.nn.functional.one_hot(torch.tensor([spelt]), len(ALPHABET)).float()
    assert greedy(logits, torch.tensor([8]), ALPHABET) == ["AAB"]
    assert greedy(logits, torch.tensor([4]), ALPHABET) == ["AA"]


def test_a_text_needs_a_blank_between_equal_letters() -> None:
    assert fewest_frames(encode("HELLO", ALPHABET)) == 6
    with pytest.raises(SottovoceError, match="'7'"):
        encode("7 UP", ALPHABET)


@given(st.lists(st.integers(1, 3), min_size=1, max_size=4))
def test_the_fewest_frames_are_those_of_the_shortest_path(text: list[int]) -> None:
    def spells(path: tuple[int, ...]) -> bool:
        return [number for number, _ in itertools.groupby(path) if number != BLANK] == text

    lengths = (count for count in itertools.count(1) if any(map(spells, itertools.product(range(4), repeat=count))))
    assert fewest_frames(torch.tensor(text)) == next(lengths)


@given(st.text(alphabet=LETTERS[2:], max_size=20))
def test_what_is_encoded_is_decoded(text: str) -> None:
    path = [number for letter in encode(text, ALPHABET).tolist() for number in (letter, BLANK)] or [BLANK]
    logits = torch.nn.functional.one_hot(torch.tensor([path]), len(ALPHABET)).float()
    assert greedy(logits, torch.tensor([len(path)]), ALPHABET) == [text]
