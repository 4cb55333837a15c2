"""Cards hold nothing that cannot be read back."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sottovoce.weights import Card

FIELDS: dict[str, Any] = {
    "name": "tiny",
    "kind": "enhancer",
    "architecture": "tiny",
    "config": {"width": 4, "strides": [2, 2], "window": "hamming"},
    "data": "made up",
    "recipe": "sottovoce train tiny",
    "seed": 7,
    "metrics": {"pesq-wb": 2.5},
    "licence": "Apache-2.0",
}


@pytest.mark.parametrize("changes", [{"metrics": {"pesq": math.nan}}, {"name": "../tiny"}, {"colour": "red"}])
def test_a_card_says_only_what_can_be_read_back(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Card(**FIELDS | changes)


@given(metrics=st.dictionaries(st.text(), st.floats(allow_nan=False, allow_infinity=False)), notes=st.text())
def test_json_and_back_is_the_same_card(metrics: dict[str, float], notes: str) -> None:
    card = Card(**FIELDS | {"metrics": metrics, "notes": notes})
    assert Card.model_validate_json(card.model_dump_json(indent=2)) == card
