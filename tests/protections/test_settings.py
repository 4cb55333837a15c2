"""What a person chooses of a search."""

import pytest

from sottovoce.errors import SottovoceError
from sottovoce.protections.settings import SearchSettings


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"snr": -1.0}, "--snr -1.0"),
        ({"snr": float("nan")}, "--snr nan"),
        ({"steps": 0}, "--steps 0"),
        ({"strength": "loud"}, "--strength loud"),
        ({"effort": ""}, "--effort "),
    ],
)
def test_what_is_out_of_range_is_named_by_its_option(values: dict[str, object], complaint: str) -> None:
    with pytest.raises(SottovoceError) as error:
        SearchSettings.checked(**values)
    assert str(error.value).startswith(complaint)


def test_the_same_cannot_be_chosen_twice() -> None:
    for values in ({"strength": "light", "snr": 20.0}, {"effort": "high", "steps": 3}):
        with pytest.raises(SottovoceError, match="choose the same"):
            SearchSettings.checked(**values).check_alternatives()
    SearchSettings.checked(strength="light", steps=3).check_alternatives()
