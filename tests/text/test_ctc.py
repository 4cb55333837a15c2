"""Encoding and greedy decoding, against the definition of CTC."""

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.errors import SottovoceError
from sottovoce.text.ctc import BLANK, LETTERS, encode, fewest_frames, greedy, log_likelihood, losses

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


@given(st.lists(st.integers(1, 3), max_size=4), st.integers(1, 5), st.integers(0, 2**31))
def test_a_loss_sums_over_all_paths_that_spell_the_text(text: list[int], frames: int, seed: int) -> None:
    logits = torch.randn(1, 6, 4, generator=torch.Generator().manual_seed(seed)).double().requires_grad_()
    scores = logits[0].log_softmax(-1)
    paths = [
        torch.stack([scores[frame, number] for frame, number in enumerate(path)]).sum()
        for path in itertools.product(range(4), repeat=frames)
        if [number for number, _ in itertools.groupby(path) if number != BLANK] == text
    ]
    found = losses(logits, torch.tensor([frames]), [torch.tensor(text, dtype=torch.int64)])
    (gradient,) = torch.autograd.grad(found.sum(), logits)
    if not paths:
        assert found.item() == torch.inf and not gradient.any()
        return
    expected = -torch.stack(paths).logsumexp(0)
    assert found.item() == pytest.approx(expected.item())
    torch.testing.assert_close(gradient, torch.autograd.grad(expected, logits)[0])


def test_texts_are_spelled_before_they_are_scored() -> None:
    logits = torch.randn(2, 20, len(ALPHABET), generator=torch.Generator().manual_seed(0))
    frames = torch.tensor([20, 9])
    found = log_likelihood(logits, frames, ["Don't, stop!", "go"], ALPHABET)
    torch.testing.assert_close(found, -losses(logits, frames, [encode("DON'T STOP", ALPHABET), encode("GO", ALPHABET)]))
    with pytest.raises(SottovoceError, match="'7'"):
        log_likelihood(logits, frames, ["7 up", "go"], ALPHABET)
    with pytest.raises(ValueError, match="1 texts for 2 rows"):
        log_likelihood(logits, frames, ["go"], ALPHABET)
