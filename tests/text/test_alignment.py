"""The best path is the most probable of all that spell the text, found by trying every one."""

import itertools

import torch
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.text.alignment import best_path
from sottovoce.text.ctc import BLANK, fewest_frames

CHARACTERS = 4


def best_by_trying(logits: torch.Tensor, text: list[int]) -> list[int]:
    def spells(path: tuple[int, ...]) -> bool:
        return [number for number, _ in itertools.groupby(path) if number != BLANK] == text

    scores = logits.log_softmax(-1)
    paths = filter(spells, itertools.product(range(CHARACTERS), repeat=len(logits)))
    return list(max(paths, key=lambda path: sum(float(scores[t, c]) for t, c in enumerate(path))))


texts = st.lists(st.integers(1, CHARACTERS - 1), min_size=1, max_size=3)


@given(st.lists(texts, min_size=1, max_size=3), st.integers(0, 10_000))
def test_it_is_the_most_probable_of_all_paths(wanted: list[list[int]], seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    numbers = [torch.tensor(text) for text in wanted]
    frames = torch.tensor([min(6, fewest_frames(text) + row) for row, text in enumerate(numbers)])
    logits = 3 * torch.randn(len(wanted), 6, CHARACTERS, generator=generator)
    found = best_path(logits, frames, numbers)
    for row, count in enumerate(frames.tolist()):
        assert found[row, :count].tolist() == best_by_trying(logits[row, :count], wanted[row])
