"""A recipe's settings as they are typed."""

from collections.abc import Sequence
from typing import Annotated

import typer

from sottovoce.errors import SottovoceError

SettingsOption = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Recipe's setting.")]


def parsed(settings: Sequence[str] | None) -> dict[str, str]:
    """`["epochs=3"]` as `{"epochs": "3"}`.

    Raises:
        SottovoceError: one has no equals sign.
    """
    if wrong := next((setting for setting in settings or () if "=" not in setting), None):
        raise SottovoceError(f"--set {wrong}: write it as KEY=VALUE")
    pairs = [setting.partition("=") for setting in settings or ()]
    return {key: value for key, _, value in pairs}
