"""`sottovoce protect`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sottovoce.cli.display import complain, progress_bar
from sottovoce.cli.places import jobs
from sottovoce.errors import SottovoceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sottovoce.victims.enhancers import Enhancer
    from sottovoce.workflows.settings import ProtectSettings


def protect(
    sources: Annotated[list[Path], typer.Argument(metavar="IN...", help="Sound files, or folders of them.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file or folder to write.")],
    against: Annotated[str, typer.Option(help="Enhancers, names or paths with commas between.")] = "metricgan-plus",
    attack: Annotated[str, typer.Option(help="opt, pgd or fgsm.")] = "opt",
    target: Annotated[str, typer.Option(help="What they should give: silence, noise or a sound FILE.")] = "silence",
    snr: Annotated[float, typer.Option(help="Loudness of speech over perturbation to keep, in dB.")] = 20.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same samples.")] = 0,
    report: Annotated[Path | None, typer.Option(help="Folder for a verification and pictures of each file.")] = None,
    overwrite: Annotated[bool, typer.Option(help="Protect again what is done.")] = False,
) -> None:
    """Protect sound files: speech enhancement no longer gets the words.

    Each protected file gets a report beside it (.sottovoce.json); a rerun skips what is done.
    """
    from sottovoce.workflows.enhancing import load_enhancers
    from sottovoce.workflows.settings import ProtectSettings
    from sottovoce.writing import make_folder

    settings = ProtectSettings.checked(
        against=tuple(against.split(",")), attack=attack, target=target, snr=snr, seed=seed
    )
    enhancers = load_enhancers(settings.against)
    work = jobs(sources, output)
    is_batch = len(work) > 1
    failures = 0
    for source, destination in work:
        try:
            if destination != output:
                make_folder(destination.parent)
            typer.echo(_one(source, destination, settings, enhancers, overwrite))
            if report is not None:
                _verify(source, destination, enhancers, report / destination.relative_to(_root(output, destination)))
        except SottovoceError as error:
            if not is_batch:
                raise
            complain(error)
            failures += 1
    if failures:
        complain(f"{failures} of {len(work)} files were not protected")
        raise typer.Exit(1)


def _one(
    source: Path, target: Path, settings: "ProtectSettings", enhancers: "Mapping[str, Enhancer]", overwrite: bool
) -> str:
    from sottovoce.workflows.protect import done, protect_file

    if not overwrite and done(source, target, settings, enhancers):
        return f"{source} → {target}: done before"
    with progress_bar(source.name) as progress:
        return protect_file(source, target, settings, enhancers, progress).line()


def _root(output: Path, target: Path) -> Path:
    return target.parent if target == output else output


def _verify(source: Path, target: Path, enhancers: "Mapping[str, Enhancer]", report: Path) -> None:
    from sottovoce.victims.recognizers import PocketSphinx
    from sottovoce.workflows.verify import verify
    from sottovoce.writing import make_folder, write_text

    make_folder(report.parent)
    result = verify(source, target, enhancers, PocketSphinx(), pictures=report)
    write_text(report.with_name(report.name + ".json"), result.model_dump_json(indent=2) + "\n")
