from collections.abc import Callable, Sequence

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from whisper_normalizer.english import EnglishTextNormalizer

from sottovoce.metrics import MetricWarning, cer, corpus_error_rate, de_characters, de_words, normalize, wer
from sottovoce.text.spelling import plain

TEXTS = st.lists(st.sampled_from(["a", "to", "too", "two", "the", "don't"]), min_size=1, max_size=7).map(" ".join)


def levenshtein(reference: Sequence[str], hypothesis: Sequence[str]) -> int:
    """Edit distance by the textbook algorithm."""
    above = list(range(len(hypothesis) + 1))
    for i, expected in enumerate(reference, start=1):
        row = [i]
        for j, found in enumerate(hypothesis, start=1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (expected != found)))
        above = row
    return above[-1]


@given(pairs=st.lists(st.tuples(TEXTS, st.one_of(st.just(""), TEXTS)), min_size=1, max_size=4))
def test_rates_agree_with_the_textbook(pairs: list[tuple[str, str]]) -> None:
    references, hypotheses = ([normalize(text) for text in texts] for texts in zip(*pairs, strict=True))
    splits: dict[Callable[..., Tensor], Callable[[str], Sequence[str]]] = {wer: str.split, cer: list}
    for metric, split in splits.items():
        counts = [(levenshtein(split(r), split(h)), len(split(r))) for r, h in zip(references, hypotheses, strict=True)]
        expected = torch.tensor([edits / length for edits, length in counts], dtype=torch.float64)
        torch.testing.assert_close(metric(references, hypotheses), expected)
        pooled = sum(edits for edits, _ in counts) / sum(length for _, length in counts)
        rate = corpus_error_rate(references, hypotheses, "word" if metric is wer else "character")
        assert rate == pytest.approx(pooled)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Hello,\tworld!\n", "hello world"),
        ("Don't -- don\u2019t", "do not do not"),
        ("well-known 42_7", "well known 42 7"),
        ("cafe\u0301 Straße", "cafe strasse"),
        ("Привет, мир", "привет мир"),
        ("THREE DOLLARS AND FIFTY CENTS", "$3.50"),
        ("I'M GONNA COLOUR IT, MR. SMITH", "i am going to color it mister smith"),
        ("uh", ""),
        ("[noise] (laughs)", ""),
        ("?! ...", ""),
    ],
)
def test_normalize(text: str, expected: str) -> None:
    assert normalize(text) == expected


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("August 27th, 1837.", "AUGUST TWENTY SEVENTH EIGHTEEN THIRTY SEVEN"),
        ("It's 25% of $1,000.", "it is twenty five percent of one thousand dollars"),
        ("The grey neighbour can't.", "THE GRAY NEIGHBOR CANNOT".replace("CANNOT", "CAN NOT")),
        ("Uh, at two o'clock.", "at 2 o'clock"),
    ],
)
def test_numbers_spellings_and_contractions_are_no_errors(heard: str, said: str) -> None:
    assert wer([said], [heard]).tolist() == [0]
    assert wer([said], [plain(heard)]).tolist() == [0]  # what recognisers keep of it is enough
    assert wer([said.lower()], [heard.upper()]).tolist() == [0]


NUMBERS = st.sampled_from(
    ["one", "oh", "and", "a", "half", "hundred", "double", "point", "seventh", "minus", "dollars"]
)


@given(text=st.text() | st.lists(NUMBERS | st.sampled_from(list("17.,%$¢½²'-")), max_size=7).map(" ".join))
def test_every_text_can_be_normalized(text: str) -> None:
    words = normalize(text).split(" ")
    assert normalize(text) == " ".join(words).strip()
    assert all(any(map(str.isalnum, word)) for word in words if normalize(text))


def test_is_whispers_own_but_for_marks_that_stand_alone() -> None:
    theirs = EnglishTextNormalizer()
    for text in ("Mr. Quilter's 2nd manuscript, priced at £3.", "HE HOPED THERE WOULD BE STEW", "u.s. o'clock - 5 ½"):
        assert normalize(text) == theirs(text).strip()


def test_texts_are_compared_normalized() -> None:
    assert wer(["Open the door!"], ["open  THE door"]).tolist() == [0]
    assert cer(["Open the door!"], ["open  THE door"]).tolist() == [0]


def test_the_space_between_words_is_a_character() -> None:
    assert cer(["a bc"], ["abc"]).tolist() == [0.25]


def test_many_insertions_exceed_one_and_an_empty_hypothesis_is_all_wrong() -> None:
    assert wer(["yes", "open the door"], ["no no no", ""]).tolist() == [3, 1]
    assert cer(["yes", "open the door"], ["no no no", ""])[1] == 1


def test_an_empty_reference_has_no_rate_of_its_own_but_its_insertions_are_pooled() -> None:
    with pytest.warns(MetricWarning, match="row 1 is undefined: the reference is empty"):
        rates = wer(["go", "..."], ["go", "stop"])
    torch.testing.assert_close(rates, torch.tensor([0, torch.nan], dtype=torch.float64), equal_nan=True)
    assert corpus_error_rate(["go", "..."], ["go", "stop"]) == 1
    assert corpus_error_rate([""], ["stop"]) != corpus_error_rate([""], ["stop"])  # NaN


def test_degradation_of_enhancement() -> None:
    said, enhanced, attacked = ["open the door"], ["open the floor"], ["a"]
    assert de_words(said, enhanced, attacked).item() == pytest.approx(3 / 3 - 1 / 3)
    assert de_characters(said, enhanced, attacked).item() == pytest.approx(13 / 13 - 2 / 13)


@pytest.mark.parametrize("metric", [wer, cer, corpus_error_rate])
def test_lists_of_different_lengths_are_refused(metric: Callable[..., object]) -> None:
    with pytest.raises(ValueError, match="shorter"):
        metric(["go", "stop"], ["go"])
