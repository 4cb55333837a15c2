"""A secret from a key file, or from a prompt for a passphrase."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sottovoce.cli.display import complain
from sottovoce.errors import SottovoceError

if TYPE_CHECKING:
    from sottovoce.reversible.keys import Secret


def secret_from(key: Path | None, passphrase: bool, *, new: bool) -> "Secret | None":
    """The secret that a person chose, or None.

    Args:
        key: a key file.
        passphrase: whether to ask for a passphrase.
        new: whether to ask for it twice.

    Raises:
        SottovoceError: both are given, the key cannot be read, or the passphrase is empty.
    """
    from sottovoce.reversible.keys import Passphrase, load_key

    if key is not None and passphrase:
        raise SottovoceError("give --key or --passphrase, not both")
    if key is not None:
        secret, warning = load_key(key)
        if warning:
            complain(warning)
        return secret
    if not passphrase:
        return None
    try:
        text = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=new, default="", show_default=False)
    except UnicodeDecodeError as error:
        raise SottovoceError("the passphrase is not in the terminal's encoding; type it in a UTF-8 terminal") from error
    return Passphrase(text)
