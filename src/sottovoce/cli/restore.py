"""`sottovoce restore`."""

from pathlib import Path
from typing import Annotated

import typer

from sottovoce.cli.display import progress_bar, say
from sottovoce.cli.options import Device, Key, Overwrite, Passphrase, output_path, source_path
from sottovoce.cli.secret import secret_from
from sottovoce.errors import SottovoceError


def restore(
    protected: Annotated[Path, typer.Argument(parser=source_path, metavar="PROTECTED", help="A protected file.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="OUT", parser=output_path, help="The file to write.")
    ],
    key: Key = None,
    passphrase: Passphrase = False,
    approximate: Annotated[
        bool,
        typer.Option(
            "--approximate",
            help="Without key or companion: what the removal module makes of a voice protected with --effort low.",
        ),
    ] = False,
    generator: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="With --approximate: the generator used (default: ssed-ecapa-tdnn)."),
    ] = None,
    device: Device = "cpu",
    overwrite: Overwrite = False,
) -> None:
    """Restore the original: to the byte with the key and the companion, or approximately without."""
    from sottovoce.models.devices import choose_device
    from sottovoce.perturbers import SSED
    from sottovoce.reversible.restore import restore_approximately, restore_file

    secret = secret_from(key, passphrase, new=False)
    if (secret is None) != approximate:
        raise SottovoceError("give --key or --passphrase to restore the original, or --approximate to come close to it")
    if generator is not None and not approximate:
        raise SottovoceError("--generator is for --approximate; the companion needs no generator")
    if secret is not None:
        told = restore_file(protected, output, secret, overwrite=overwrite)
        say(f"{protected} → {output}: {told}")
        return
    name = generator or "ssed-ecapa-tdnn"
    network = SSED.load(name).to(choose_device(device))
    with progress_bar(protected.name) as progress:
        restore_approximately(protected, output, network, overwrite=overwrite, progress=progress)
    say(f"{protected} → {output}: restored approximately, without the key, provided that {name} protected it")
