"""The spelling that recognisers share."""

import jiwer
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.text.spelling import plain


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        (" Don\N{RIGHT SINGLE QUOTATION MARK}t stop, she said.", "DON'T STOP SHE SAID"),
        ("u.s. well-known_thing", "U S WELL KNOWN THING"),
        ("'tis the dogs' bone ' - '", "'TIS THE DOGS' BONE"),
        ("... \n", ""),
        ("in 1,837, at 3.5%; $2.50 or £1.", "IN 1837 AT 3.5% $2.50 OR £1"),
        ("\u1f50", "\u03a5"),  # its capital is a letter and a mark
        ("50 % of $ and % .5 5. 1,x", "50 OF AND 5 5 1 X"),
    ],
)
def test_examples(written: str, spelled: str) -> None:
    assert plain(written) == spelled


@given(st.text())
def test_is_settled_after_once_and_made_of_words(text: str) -> None:
    spelled = plain(text)
    assert plain(spelled) == spelled
    assert jiwer.Compose([jiwer.RemoveMultipleSpaces(), jiwer.Strip()])(spelled) == spelled
