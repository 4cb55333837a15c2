"""Rows of one value."""

import pytest

from benchmarks.dong2022.plan import MG, SEGAN, TABLES


def rows_of(value: float) -> list[dict[str, float]]:
    listeners = (MG, SEGAN, "dtln", "noisy", "clean", "protected", "target", "target itself")
    row = {f"{name} {unit}": value for name in listeners for unit in ("cer", "wer")}
    measures = ("rpr", "rpr matched", "gain", "drop", "ill-posed")
    row |= {f"{name} {m}": value for name in (MG, SEGAN, "dtln") for m in measures}
    return [row | {"snr": 20.0, "pesq": 4.0, MG: 2.5, "noisy": 2.0}] * 3


@pytest.fixture
def rows() -> dict[str, list[dict[str, float]]]:
    """The enhancers, and the first condition at 8 dB."""
    return {name: rows_of(v) for name, v in {"quality": 0.0, "baseline@8": 0.25, f"{TABLES[0].slug}@8": 0.75}.items()}
