"""Settings of a recipe as text, e.g. `{"epochs": "10", "mixing.snr": "-5,16"}`."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from sottovoce.errors import SottovoceError

Config = TypeVar("Config")


def parse_settings(config: type[Config], recipe: str, settings: Mapping[str, str]) -> Config:
    """The default settings of a recipe with some of them replaced.

    Args:
        config: a dataclass with defaults; a field of a nested dataclass is written with a dot, as in `mixing.snr`.
        recipe: name of the recipe, for messages.
        settings: values as text; those of a tuple are separated by commas.

    Raises:
        SottovoceError: there is no such setting, or its value has the wrong type or is out of range.
    """
    values = _plain(config())
    known = list(_keys(values))
    for key, text in settings.items():
        if key not in known:
            raise SottovoceError(f"{recipe} has no setting '{key}'; {_suggestion(key, known)}")
        *path, last = key.split(".")
        place = values
        for part in path:
            place = place[part]
        place[last] = text.split(",") if isinstance(place[last], tuple) else text
    try:
        return TypeAdapter(config).validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        reason = first["msg"].removeprefix("Value error, ")
        raise SottovoceError(f"the setting {key} cannot be {first['input']!r}: {reason}") from error


def _plain(config: Any) -> dict[str, Any]:
    values = {field.name: getattr(config, field.name) for field in fields(config)}
    return {name: _plain(value) if is_dataclass(value) else value for name, value in values.items()}


def _keys(values: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for name, value in values.items():
        yield from _keys(value, f"{prefix}{name}.") if isinstance(value, dict) else [prefix + name]


def _suggestion(key: str, known: list[str]) -> str:
    close = get_close_matches(key, known, n=1)
    return f"did you mean '{close[0]}'?" if close else f"choose {', '.join(known)}"
