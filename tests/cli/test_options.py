"""What several commands make of what is typed."""

import pytest

from sottovoce.cli.options import names, parsed
from sottovoce.errors import SottovoceError


def test_names_are_separated_by_commas() -> None:
    assert names("a") == ["a"] and names("a, b+c") == ["a", "b+c"]
    for wrong in ("", "a,", ",a", "a,,b"):
        with pytest.raises(SottovoceError, match="a name is empty"):
            names(wrong)


def test_settings_are_pairs() -> None:
    assert parsed(["a=1", "b=x=y"]) == {"a": "1", "b": "x=y"} and parsed(None) == {}
    with pytest.raises(SottovoceError, match="KEY=VALUE"):
        parsed(["a"])
