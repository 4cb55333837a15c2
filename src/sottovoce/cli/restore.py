"""`sottovoce restore`."""

from pathlib import Path
from typing import Annotated

import typer

from sottovoce.cli.display import progress_bar
from sottovoce.cli.options import Device, Key, Passphrase
from sottovoce.cli.secret import secret_from
from sottovoce.errors import SottovoceError


def restore(
    protected: Annotated[Path, typer.Argument(help="A protected file.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="OUT", help="The file to write.")],
    key: Key = None,
    passphrase: Passphrase = False,
    approximate: Annotated[
        bool, typer.Option("--approximate", help="Without key or companion: what the removal module makes of a voice.")
    ] = False,
    generator: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="With --approximate: the generator used (default: ssed-ecapa-tdnn)."),
    ] = None,
    device: Device = "cpu",
) -> None:
    """Restore the original: bit for bit with the key and the companion, or approximately without."""
    from sottovoce.models.devices import choose_device
    from sottovoce.perturbers import SSED
    from sottovoce.reversible.restore import restore_approximately, restore_file

    secret = secret_from(key, passphrase, new=False)
    if (secret is None) != approximate:
        raise SottovoceError("give --key or --passphrase to restore the original, or --approximate to come close to it")
    if generator is not None and not approximate:
        raise SottovoceError("--generator is for --approximate; the companion needs no generator")
    if output.exists() and protected.exists() and output.samefile(protected):
        raise SottovoceError(f"{output}: this is the protected file itself; choose another output")
    if secret is not None:
        restore_file(protected, output, secret)
        typer.echo(f"{protected} → {output}: restored bit for bit")
        return
    network = SSED.load(generator or "ssed-ecapa-tdnn").to(choose_device(device))
    with progress_bar(protected.name) as progress:
        restore_approximately(protected, output, network, progress)
    typer.echo(f"{protected} → {output}: restored approximately, without the key")
