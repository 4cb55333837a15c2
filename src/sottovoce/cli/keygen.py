"""`sottovoce keygen`."""

from pathlib import Path
from typing import Annotated

import typer


def keygen(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="The key to write; an existing one is kept.")],
) -> None:
    """Make a key that restores what is protected with it."""
    from sottovoce.reversible.keys import keygen as make

    make(path)
    typer.echo(f"{path}: keep it secret, and keep it: without it nothing protected with it comes back exactly")
