"""Beam search against the sum over all paths, and what words and a language model change."""

import itertools

import pytest
import torch

from sottovoce.errors import SottovoceError
from sottovoce.models.recognizers.beam import BeamDecoder

ALPHABET = ("", " ", "A", "B")
ARPA = """\\data\\
ngram 1=5
ngram 2=2

\\1-grams:
-2\t<unk>
-99\t<s>\t-0.3
-1\t</s>
-0.1\tAB\t-0.3
-2.5\tAA\t-0.3

\\2-grams:
-0.1\t<s> AB
-3\t<s> AA

\\end\\
"""


def likeliest(logits: torch.Tensor) -> str:
    """The text with the greatest probability over all paths that spell it."""
    scores: dict[str, float] = {}
    for path in itertools.product(range(len(ALPHABET)), repeat=len(logits)):
        text = "".join(ALPHABET[number] for number, _ in itertools.groupby(path))
        weight = logits.log_softmax(-1)[range(len(logits)), path].sum().exp().item()
        scores[text] = scores.get(text, 0.0) + weight
    return " ".join(max(scores, key=lambda text: scores[text]).split())


@pytest.mark.parametrize("seed", range(8))
def test_it_finds_the_likeliest_of_all_texts(seed: int) -> None:
    logits = 2 * torch.randn(1, 5, 4, generator=torch.Generator().manual_seed(seed))
    logits[..., 1] = -20.0  # without spaces, which are written once however often they come
    assert BeamDecoder(ALPHABET, beam=500)(logits, torch.tensor([5])) == [likeliest(logits[0])]


def test_padding_frames_do_not_count() -> None:
    logits = torch.nn.functional.one_hot(torch.tensor([[2, 0, 3, 2]]), 4).float() * 10
    assert BeamDecoder(ALPHABET)(logits.repeat(2, 1, 1), torch.tensor([4, 3])) == ["ABA", "AB"]
    assert BeamDecoder(ALPHABET)(logits, torch.tensor([0])) == [""]


def test_words_and_a_language_model_decide_what_is_unclear(tmp_path) -> None:
    logits = torch.full((1, 4, 4), -10.0)
    logits[0, 0, 2] = logits[0, 1, 0] = logits[0, 3, 1] = 5.0
    logits[0, 2, 2], logits[0, 2, 3] = 1.0, 0.5  # AA rather than AB
    frames, words = torch.tensor([4]), ["AA", "AB"]
    assert BeamDecoder(ALPHABET, words=words)(logits, frames) == ["AA"]
    assert BeamDecoder(ALPHABET, words=["AB"])(logits, frames) == ["AB"]
    (tmp_path / "tiny.arpa").write_text(ARPA)
    decoder = BeamDecoder(ALPHABET, words=words, language_model=tmp_path / "tiny.arpa", weight=2.0)
    assert decoder(logits, frames) == ["AB"]


def test_a_missing_or_broken_language_model_is_said(tmp_path) -> None:
    with pytest.raises(SottovoceError, match="no such language model"):
        BeamDecoder(ALPHABET, words=["A"], language_model=tmp_path / "none.arpa")
    (tmp_path / "bad.arpa").write_text("a letter")
    with pytest.raises(SottovoceError, match="not a language model"):
        BeamDecoder(ALPHABET, words=["A"], language_model=tmp_path / "bad.arpa")
    with pytest.raises(SottovoceError, match="needs its list of words"):
        BeamDecoder(ALPHABET, language_model=tmp_path / "bad.arpa")
