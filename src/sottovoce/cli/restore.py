"""`sottovoce restore`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sottovoce.cli.batch import Step, for_each
from sottovoce.cli.options import Device, Engine, Jobs, Key, Overwrite, Passphrase, output_place, source_place
from sottovoce.cli.options import engine as engine_of
from sottovoce.cli.places import places
from sottovoce.cli.secret import secret_from
from sottovoce.cli.staging import anywhere, staged
from sottovoce.cli.summary import DONE_BEFORE, Outcome
from sottovoce.errors import SottovoceError
from sottovoce.workers import Tell

if TYPE_CHECKING:
    from sottovoce.reversible.keys import Secret


def restore(
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="PROTECTED...",
            parser=source_place,
            help="Protected files, folders of them, patterns in quotes ('rec/**/*.wav'), or manifests (.csv); with "
            "the companions (.veil) beside them.",
        ),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="OUT", parser=output_place, help="The file or folder to write.")
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
    report: Annotated[
        Path | None,
        typer.Option(metavar="DIR", parser=output_place, help="Folder for a summary of what became of several files."),
    ] = None,
    jobs: Jobs = None,
    engine: Engine = "processes",
    overwrite: Overwrite = False,
) -> None:
    """Restore the original: to the byte with the key and the companion, or approximately without."""
    secret = secret_from(key, passphrase, new=False)
    if (secret is None) != approximate:
        raise SottovoceError("give --key or --passphrase to restore the original, or --approximate to come close to it")
    if generator is not None and not approximate:
        raise SottovoceError("--generator is for --approximate; the companion needs no generator")
    run = engine_of(engine, device)
    restoring: Callable[[], Step] = Approximating(generator or "ssed-ecapa-tdnn", device, overwrite)
    if secret is not None:
        restoring = Restoring(secret, overwrite)
    for_each(
        places(sources, output),
        output,
        staged(partial(anywhere, restoring), sources, output, overwrite=overwrite, beside=(".veil",)),
        "restored",
        of_originals=False,
        jobs=jobs,
        run=run,
        report=report,
        overwrite=overwrite,
    )


@dataclass(frozen=True)
class Restoring:
    """Makes what restores a file to the byte; as `for_each` takes it."""

    secret: "Secret"
    overwrite: bool

    def __call__(self) -> Step:
        from sottovoce.reversible.restore import UNCHANGED, restore_file

        def restore(protected: Path, target: Path, tell: Tell) -> Outcome:
            told = restore_file(protected, target, self.secret, overwrite=self.overwrite)
            return Outcome(f"{protected} → {target}: {told}", DONE_BEFORE if told == UNCHANGED else "restored")

        return restore


@dataclass(frozen=True)
class Approximating:
    """Makes what comes close to the original of a file; as `for_each` takes it."""

    generator: str
    device: str
    overwrite: bool

    def __call__(self) -> Step:
        from sottovoce.models.devices import choose_device
        from sottovoce.perturbers import SSED
        from sottovoce.reversible.restore import restore_approximately

        network = SSED.load(self.generator).to(choose_device(self.device))
        told = f"restored approximately, without the key, provided that {self.generator} protected it"

        def restore(protected: Path, target: Path, tell: Tell) -> Outcome:
            restore_approximately(protected, target, network, overwrite=self.overwrite, progress=tell)
            return Outcome(f"{protected} → {target}: {told}", "restored approximately")

        return restore
