"""Settings as text become their types; what does not fit is named in one line."""

from dataclasses import dataclass, field

import pytest
from pydantic import PositiveInt

from sottovoce.errors import SottovoceError
from sottovoce.training.ranges import Fraction, Interval, NonNegative, Positive, Real
from sottovoce.training.settings import parse_settings


@dataclass(frozen=True)
class Inner:
    snr: Interval = (0.0, 20.0)
    factors: tuple[Positive, ...] = (1.0,)


@dataclass(frozen=True)
class Config:
    epochs: PositiveInt = 4
    lr: Positive = 1e-3
    decay: NonNegative = 0.0
    share: Fraction = 0.5
    floor: Real | None = None
    initial: str = ""
    attention: bool = False
    mixing: Inner = field(default_factory=Inner)


def test_values_are_parsed_to_their_types() -> None:
    settings = {"epochs": "7", "lr": "2e-3", "floor": "-3", "initial": "x", "attention": "true"}
    nested = {"mixing.snr": "-3,9", "mixing.factors": "1,0.9,1.1"}
    wanted = Config(7, 2e-3, floor=-3.0, initial="x", attention=True, mixing=Inner((-3.0, 9.0), (1.0, 0.9, 1.1)))
    assert parse_settings(Config, "toy", {**settings, **nested}) == wanted
    assert parse_settings(Config, "toy", {}) == Config()


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("depth", "3", "toy has no setting 'depth'; choose epochs, lr, .*mixing.snr, mixing.factors"),
        ("epoch", "3", "toy has no setting 'epoch'; did you mean 'epochs'?"),
        ("mixing", "3", "no setting 'mixing'"),
        ("mixing.colour", "3", "no setting 'mixing.colour'"),
        ("epochs.first", "3", "no setting 'epochs.first'"),
        ("epochs", "many", "epochs cannot be 'many'"),
        ("epochs", "0", "epochs cannot be '0'"),
        ("epochs", "1.5", "epochs cannot be '1.5'"),
        ("lr", "0", "lr cannot be '0'"),
        ("lr", "nan", "lr cannot be 'nan'"),
        ("decay", "-1", "decay cannot be '-1'"),
        ("decay", "inf", "decay cannot be 'inf'"),
        ("share", "1.1", "share cannot be '1.1'"),
        ("share", "nan", "share cannot be 'nan'"),
        ("floor", "-inf", "floor.* cannot be '-inf'"),
        ("mixing.snr", "3", "mixing.snr"),
        ("mixing.snr", "9,3", r"mixing.snr cannot be \['9', '3'\]: the lower bound comes first"),
        ("mixing.factors", "1,0", "mixing.factors.1 cannot be '0'"),
    ],
)
def test_what_does_not_fit_is_named_in_one_line(key: str, value: str, complaint: str) -> None:
    with pytest.raises(SottovoceError, match=complaint) as error:
        parse_settings(Config, "toy", {key: value})
    assert "\n" not in str(error.value)
