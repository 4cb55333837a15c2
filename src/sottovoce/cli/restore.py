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
            help="What the removal module makes of a voice protected with --effort low, even if the file has been "
            "changed since: without key or companion, but for a keyed generator.",
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
    if secret is None and not approximate:
        raise SottovoceError("give --key or --passphrase to restore the original, or --approximate to come close to it")
    if generator is not None and not approximate:
        raise SottovoceError("--generator is for --approximate; the companion needs no generator")
    run = engine_of(engine, device)
    restoring: Callable[[], Step] = Approximating(generator or "ssed-ecapa-tdnn", secret, device, overwrite)
    if secret is not None and not approximate:
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
    secret: "Secret | None"
    device: str
    overwrite: bool

    def __call__(self) -> Step:
        from sottovoce.models.devices import choose_device
        from sottovoce.perturbers import KeyedSSED, load_generator
        from sottovoce.reversible.restore import restore_approximately

        network = load_generator(self.generator).to(choose_device(self.device))
        keyed = isinstance(network, KeyedSSED)
        if keyed and self.secret is None:
            raise SottovoceError(
                f"{self.generator} needs the key that the file was protected with; give --key or --passphrase"
            )
        if self.secret is not None and not keyed:
            raise SottovoceError(f"{self.generator} knows no key; leave --key, --passphrase or --approximate out")
        how = "with the key" if keyed else "without the key"
        told = f"restored approximately, {how}, provided that {self.generator} protected it"

        def restore(protected: Path, target: Path, tell: Tell) -> Outcome:
            restore_approximately(protected, target, network, self.secret, overwrite=self.overwrite, progress=tell)
            return Outcome(f"{protected} → {target}: {told}", "restored approximately")

        return restore
