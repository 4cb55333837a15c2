"""Types of settings with their ranges; `settings.parse` checks them. Whole numbers use pydantic's own types."""

from typing import Annotated

from pydantic import AfterValidator, Field

Real = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Fraction = Annotated[float, Field(ge=0, le=1)]


def _ordered(bounds: tuple[float, float]) -> tuple[float, float]:
    if bounds[0] > bounds[1]:
        raise ValueError("the lower bound comes first")
    return bounds


Interval = Annotated[tuple[Real, Real], AfterValidator(_ordered)]
"""Lowest and highest value."""
