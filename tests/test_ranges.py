"""Figures in range pass unchanged; all others are refused with what was expected and what came."""

import math

import numpy as np
import pytest

from sottovoce.ranges import integer, number


@pytest.mark.parametrize("value", [0.5, 1, 0, np.float32(0.25), -3.0])
def test_finite_numbers_pass(value: float) -> None:
    assert number("gain", value) is value


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, "1", None, True, 1j])
def test_what_is_no_finite_number_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"^gain must be a finite number; got "):
        number("gain", value)


def test_bounds_are_kept_and_named() -> None:
    assert number("x", 0.0, least=0) == 0.0 and number("x", 1, least=0, most=1) == 1
    for bounds, value, words in (
        ({"above": 0}, 0.0, "above 0"),
        ({"least": 0}, -1e-9, "of at least 0"),
        ({"least": 0, "most": 1}, 1.1, "from 0 to 1"),
        ({"most": 4}, 5, "up to 4"),
        ({"above": 0, "most": 1}, 0, "above 0 up to 1"),
    ):
        with pytest.raises(ValueError, match=f"^x must be a finite number {words}; got {value}$"):
            number("x", value, **bounds)


@pytest.mark.parametrize("value", [1, 7, np.int64(3)])
def test_integers_pass(value: int) -> None:
    assert integer("steps", value) is value


@pytest.mark.parametrize("value", [0, -1, 1.0, True, "2", None, math.nan])
def test_what_is_no_positive_integer_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"^steps must be an integer of at least 1; got "):
        integer("steps", value)
