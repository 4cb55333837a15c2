"""`sottovoce restore`."""

from pathlib import Path
from typing import Annotated

import typer

from sottovoce.cli.defaults import SPEAKER_GENERATOR
from sottovoce.cli.display import progress_bar
from sottovoce.cli.secret import secret_from
from sottovoce.errors import SottovoceError


def restore(
    protected: Annotated[Path, typer.Argument(help="A file protected against speaker recognition.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write.")],
    key: Annotated[Path | None, typer.Option(help="The key it was protected with.")] = None,
    passphrase: Annotated[bool, typer.Option("--passphrase", help="Ask for the passphrase instead.")] = False,
    approximate: Annotated[bool, typer.Option("--approximate", help="Without key or companion.")] = False,
    generator: Annotated[
        str, typer.Option(help="Name or path of the model it was protected with.")
    ] = SPEAKER_GENERATOR,
) -> None:
    """Give a hidden voice back: bit for bit with the key and the companion, or approximately without."""
    from sottovoce.perturbers import SSED
    from sottovoce.protections.voice import restore_approximately, restore_file

    secret = secret_from(key, passphrase, new=False)
    if (secret is None) != approximate:
        raise SottovoceError(
            "give --key or --passphrase for the original, or --approximate alone for what comes near it"
        )
    if output.exists() and protected.exists() and output.samefile(protected):
        raise SottovoceError(f"{output}: this is the protected file itself; choose another output")
    network = SSED.load(generator)
    with progress_bar(protected.name) as progress:
        if secret is None:
            restore_approximately(protected, output, network, progress)
        else:
            restore_file(protected, output, network, secret, progress)
    how = "approximately, without the key" if secret is None else "bit for bit"
    typer.echo(f"{protected} → {output}: restored {how}")
