"""Objectives for recognisers: the CTC loss against a sum over all paths, the hinge loss, success and edit distance."""

import itertools
import math

import pytest
import torch

from sottovoce.errors import SottovoceError
from sottovoce.threats.objectives.recognizers import Mistranscribe, Spell, Transcribe


class Speller:
    """Two letters and a blank, one frame per ten samples."""

    alphabet = ("", "A", "B")

    def logits(self, waveforms, lengths=None):
        return waveforms

    def frames(self, lengths):
        return lengths // 10


LENGTHS = torch.tensor([40, 30])
ORIGINALS = torch.zeros(2, 40)


def probability(logits: torch.Tensor, text: str) -> float:
    """Probability of a text: the sum over all paths that spell it."""
    total = 0.0
    for path in itertools.product(range(3), repeat=len(logits)):
        spelt = "".join("_AB"[number] for number, _ in itertools.groupby(path)).replace("_", "")
        if spelt == text:
            total += math.exp(sum(logits.log_softmax(-1)[place, number].item() for place, number in enumerate(path)))
    return total


def test_the_loss_is_the_log_probability_of_all_paths_per_character() -> None:
    logits = torch.randn(2, 4, 3, generator=torch.Generator().manual_seed(0))
    losses = Transcribe(["AB", "B"], Speller()).loss(logits, ORIGINALS, LENGTHS)
    wanted = [-math.log(probability(logits[0], "AB")) / 2, -math.log(probability(logits[1, :3], "B"))]
    assert losses.tolist() == pytest.approx(wanted, rel=1e-4)
    assert Mistranscribe(["AB", "B"], Speller()).loss(logits, ORIGINALS, LENGTHS).tolist() == pytest.approx(
        [-value for value in wanted], rel=1e-4
    )


def test_met_is_exact_agreement() -> None:
    logits = torch.nn.functional.one_hot(torch.tensor([[1, 0, 2, 2], [1, 1, 0, 2]]), 3).float()
    assert Transcribe(["AB"], Speller()).met(logits, ORIGINALS, LENGTHS).tolist() == [True, False]
    assert Mistranscribe(["AB"], Speller()).met(logits, ORIGINALS, LENGTHS).tolist() == [False, True]


def test_edits_count_wrong_added_and_missing_letters() -> None:
    logits = torch.nn.functional.one_hot(torch.tensor([[1, 0, 2, 2], [1, 0, 1, 0]]), 3).float()
    lengths = torch.tensor([40, 40])
    objective = Transcribe(["ABA", "B"], Speller())  # "AB" and "AA" are written
    assert objective.edits(logits, ORIGINALS, lengths).tolist() == [1, 2]
    assert Mistranscribe(["ABA", "B"], Speller()).edits(logits, ORIGINALS, lengths).tolist() == [-1, -2]


def test_rows_keep_their_texts() -> None:
    assert Transcribe(["A", "B"], Speller()).rows(torch.tensor([1, 0, 1])).texts == ["B", "A", "B"]


def test_a_text_that_does_not_fit_is_refused() -> None:
    objective = Transcribe(["ABBA"], Speller())
    objective.check(torch.tensor([50, 60]))
    with pytest.raises(SottovoceError, match="needs 5 frames, the recording has 4"):
        objective.check(torch.tensor([50, 40]))
    with pytest.raises(SottovoceError, match="'C'"):
        Transcribe(["ABC"], Speller())


def test_spelling_sums_what_the_best_path_lacks_to_the_margin() -> None:
    logits = torch.tensor([[[0.0, 5.0, 1.0], [3.0, 4.0, 0.0], [0.0, 1.0, 6.0], [9.0, 0.0, 0.0]]]).repeat(2, 1, 1)
    losses = Spell(["AB", "B"], Speller(), margin=2.0).loss(logits, ORIGINALS, LENGTHS)
    # AAB_ leads by 4, 1, 5, 9; in three frames, __B by -5, -1, 5.
    wanted = torch.tensor([(2.0 - 1.0) / 2, 2.0 + 5.0 + 2.0 + 1.0])
    torch.testing.assert_close(losses, wanted)
    mixed = Spell(["AB", "B"], Speller(), margin=2.0, ctc=0.25).loss(logits, ORIGINALS, LENGTHS)
    all_paths = Transcribe(["AB", "B"], Speller()).loss(logits, ORIGINALS, LENGTHS)
    torch.testing.assert_close(mixed, 0.25 * all_paths + 0.75 * wanted)


def test_a_text_that_leads_by_the_margin_has_no_loss() -> None:
    logits = 2 * torch.nn.functional.one_hot(torch.tensor([[1, 0, 1, 2], [1, 2, 2, 0]]), 3).float()
    lengths = torch.tensor([40, 40])
    objective = Spell(["AAB", "AB"], Speller(), margin=2.0)
    assert objective.met(logits, ORIGINALS, lengths).all()
    assert not objective.loss(logits, ORIGINALS, lengths).any()
    part = objective.rows(torch.tensor([1]))
    assert part.texts == ["AB"] and not part.loss(logits[1:], ORIGINALS[1:], lengths[1:]).any()
    short = Spell(["AAB", "AB"], Speller(), margin=3.0).rows(torch.tensor([1]))
    torch.testing.assert_close(short.loss(logits[1:], ORIGINALS[1:], lengths[1:]), torch.tensor([4.0 / 2]))
