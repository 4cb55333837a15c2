"""`sottovoce keygen`."""

from pathlib import Path
from typing import Annotated

import typer

from sottovoce.cli.display import say
from sottovoce.cli.options import output_path


def keygen(
    path: Annotated[
        Path, typer.Argument(metavar="FILE", parser=output_path, help="Key file to write; an existing one is kept.")
    ],
) -> None:
    """Make a key file, with which protected files can be restored."""
    from sottovoce.reversible.keys import keygen as make

    make(path)
    say(f"{path}: keep it safe and secret; without it, no file protected with it can be restored exactly")
