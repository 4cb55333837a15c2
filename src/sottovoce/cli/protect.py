"""`sottovoce protect`."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from sottovoce.cli.batch import for_each
from sottovoce.cli.options import Device, Engine, Jobs, Key, Output, Overwrite, Passphrase, Report, Sources, names
from sottovoce.cli.options import engine as engine_of
from sottovoce.cli.places import places
from sottovoce.cli.secret import secret_from
from sottovoce.cli.staging import staged
from sottovoce.workers import Each

if TYPE_CHECKING:
    from sottovoce.cli.protecting import Protecting
    from sottovoce.protections.base import Protection
    from sottovoce.reversible.keys import Secret


Effort = Annotated[
    str | None,
    typer.Option(metavar="low|normal|high", help="How long to search: 15, 30 or 100 steps (default: normal)."),
]
Snr = Annotated[
    float | None,
    typer.Option(metavar="DB", help="Minimum SNR of the perturbation in dB, 0 to 100, instead of --strength."),
]
Steps = Annotated[int | None, typer.Option(metavar="N", help="Optimisation steps of the search, instead of --effort.")]
Seed = Annotated[int, typer.Option(metavar="N", help="Random seed; the same seed gives the same samples.")]


class Suggesting(TyperCommand):
    """A command that says which of its siblings has an option that it lacks."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except Exception as error:  # a usage error, for which Typer has no public name
            wrong, group = getattr(error, "option_name", ""), ctx.parent and ctx.parent.command
            having = [
                name
                for name, command in getattr(group, "commands", {}).items()
                if any(wrong in option.opts for option in command.params)
            ]
            if having and type(error).__name__ == "NoSuchOption":
                others = " and ".join(f"protect {name}" for name in having)
                error.message = f"protect {ctx.info_name} has no option {wrong}, which is for {others}"  # type: ignore[attr-defined]
                error.possibilities = None  # type: ignore[attr-defined]
            raise


app = typer.Typer(
    no_args_is_help=True,
    help="Protect what is said (words), who speaks (voice), both, or what a voice assistant hears (keyword).\n\n"
    "The protected file keeps the original's format, rate, channels, length and tags; a rerun skips files that are "
    "done. With a key or a passphrase, a companion (.veil) is written beside it, from which sottovoce restore gives "
    "the original back, identical to the byte.",
)


@app.command(cls=Suggesting)
def words(
    sources: Sources,
    output: Output,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="LISTENERS",
            help="Recognisers and enhancers, names or paths, separated by commas; + chains them "
            "(nsnet2+whisper-base). Default: Whisper tiny.en if it is here, and a bundled surrogate of it.",
        ),
    ] = None,
    keep: Annotated[
        str | None,
        typer.Option(metavar="RECOGNISERS", help="Recognisers that should go on understanding, names or paths."),
    ] = None,
    strength: Annotated[
        str | None,
        typer.Option(
            metavar="light|medium|strong",
            help="How much may be heard: hardly anything, a faint rustle under the voice, or a clear one (default: "
            "medium, a PESQ-wb of about 3.6).",
        ),
    ] = None,
    effort: Effort = None,
    wanted: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="TEXT|FILE|noise",
            help="What they should get: for enhancers noise or the speech in a sound FILE, for a recogniser a TEXT "
            "(default: nothing intelligible; for a recogniser, other words).",
        ),
    ] = None,
    attack: Annotated[
        str | None,
        typer.Option(metavar="opt|pgd|fgsm", help="Attack, where only enhancers are named (default: opt)."),
    ] = None,
    snr: Annotated[
        float | None,
        typer.Option(
            metavar="DB",
            help="Minimum SNR of the perturbation in dB, 0 to 100, instead of --strength (default for enhancers by "
            "themselves, and for a TEXT --in-rooms: 20).",
        ),
    ] = None,
    in_rooms: Annotated[
        bool, typer.Option("--in-rooms", help="Make a recogniser write the text wherever the file is played in a room.")
    ] = False,
    steps: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Optimisation steps, instead of --effort (default for enhancers by themselves: 60, with --as 150; for "
            "a TEXT: 1000, with --in-rooms 300).",
        ),
    ] = None,
    seed: Seed = 0,
    key: Key = None,
    passphrase: Passphrase = False,
    device: Device = "cpu",
    report: Report = None,
    jobs: Jobs = None,
    engine: Engine = "processes",
    overwrite: Overwrite = False,
) -> None:
    """Protect what is said from speech recognition, also behind enhancers and codecs, or from enhancers alone."""
    from sottovoce.protections.words import Words

    make = partial(
        Words,
        None if against is None else names(against),
        keep=() if keep is None else names(keep, "--keep"),
        wanted=wanted,
        strength=strength,
        effort=effort,
        attack=attack,
        snr=snr,
        in_rooms=in_rooms,
        steps=steps,
        seed=seed,
        device=device,
    )
    _protect(sources, output, make, key, passphrase, report, overwrite, jobs, engine_of(engine, device))


@app.command(cls=Suggesting)
def voice(
    sources: Sources,
    output: Output,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="ENCODERS",
            help="Speaker encoders to mislead, names or paths, separated by commas (default: all of ecapa-tdnn, "
            "campplus and resemblyzer that are here).",
        ),
    ] = None,
    strength: Annotated[
        str | None,
        typer.Option(
            metavar="light|medium|strong",
            help="How much may be heard: hardly anything, a faint rustle under the voice, or a clear one (default: "
            "medium, a PESQ-wb of about 3.5).",
        ),
    ] = None,
    effort: Annotated[
        str | None,
        typer.Option(
            metavar="low|normal|high",
            help="A generator's single pass, which is fast and weak, or a search of 30 or 100 steps (default: normal).",
        ),
    ] = None,
    snr: Snr = None,
    steps: Steps = None,
    generator: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="With --effort low: the generator, a name or path (default: ssed-ecapa-tdnn). ssed-keyed needs a key, "
            "without which its perturbation is hard to take off.",
        ),
    ] = None,
    key: Key = None,
    passphrase: Passphrase = False,
    device: Device = "cpu",
    report: Report = None,
    jobs: Jobs = None,
    engine: Engine = "processes",
    overwrite: Overwrite = False,
) -> None:
    """Protect who speaks from speaker recognition."""
    from sottovoce.protections.voice import Voice

    make = partial(
        Voice,
        None if against is None else names(against),
        strength=strength,
        effort=effort,
        snr=snr,
        steps=steps,
        generator=generator,
        device=device,
    )
    _protect(sources, output, make, key, passphrase, report, overwrite, jobs, engine_of(engine, device))


@app.command(cls=Suggesting)
def both(
    sources: Sources,
    output: Output,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="LISTENERS",
            help="Recognisers, and enhancers before them, as for protect words (default: the same).",
        ),
    ] = None,
    encoders: Annotated[
        str | None,
        typer.Option(metavar="ENCODERS", help="Speaker encoders, as --against of protect voice (default: the same)."),
    ] = None,
    strength: Annotated[
        str | None,
        typer.Option(
            metavar="light|medium|strong",
            help="How much may be heard: hardly anything, a faint rustle under the voice, or a clear one (default: "
            "medium, a PESQ-wb of about 3.1).",
        ),
    ] = None,
    effort: Effort = None,
    snr: Snr = None,
    steps: Steps = None,
    seed: Seed = 0,
    key: Key = None,
    passphrase: Passphrase = False,
    device: Device = "cpu",
    report: Report = None,
    jobs: Jobs = None,
    engine: Engine = "processes",
    overwrite: Overwrite = False,
) -> None:
    """Protect what is said and who speaks, with one perturbation for both."""
    from sottovoce.protections.words_and_voice import WordsAndVoice

    make = partial(
        WordsAndVoice.chosen,
        None if against is None else names(against),
        None if encoders is None else names(encoders, "--encoders"),
        strength=strength,
        effort=effort,
        snr=snr,
        steps=steps,
        seed=seed,
        device=device,
    )
    _protect(sources, output, make, key, passphrase, report, overwrite, jobs, engine_of(engine, device))


@app.command(cls=Suggesting)
def keyword(
    sources: Sources,
    output: Output,
    wanted: Annotated[str, typer.Option("--as", metavar="WORD", help="The word that should be heard.")],
    generator: Annotated[
        str, typer.Option(metavar="NAME", help="Generator of the perturbation, a name or path.")
    ] = "advgan",
    against: Annotated[
        str, typer.Option(metavar="CLASSIFIER", help="Keyword classifier to mislead, a name or path.")
    ] = "wide-resnet",
    key: Key = None,
    passphrase: Passphrase = False,
    device: Device = "cpu",
    report: Report = None,
    jobs: Jobs = None,
    engine: Engine = "processes",
    overwrite: Overwrite = False,
) -> None:
    """Make a keyword classifier hear another word."""
    from sottovoce.protections.keyword import Keyword

    make = partial(Keyword, wanted, generator=generator, classifier=against, device=device)
    _protect(sources, output, make, key, passphrase, report, overwrite, jobs, engine_of(engine, device))


def _protect(
    sources: list[Path],
    output: Path,
    make: "Callable[[], Protection]",
    key: Path | None,
    passphrase: bool,
    report: Path | None,
    overwrite: bool,
    jobs: int | None,
    run: Each,
) -> None:
    """Every file through the one `protect_file`, except those that are done."""
    secret = secret_from(key, passphrase, new=True)
    build = partial(_protecting, make, secret, overwrite)
    companion = () if secret is None else (".veil",)
    protecting = staged(build, sources, output, report=report, overwrite=overwrite, made_beside=companion)
    work = places(sources, output)
    for_each(work, output, protecting, "protected", jobs=jobs, run=run, report=report, overwrite=overwrite)


def _protecting(
    make: "Callable[[], Protection]", secret: "Secret | None", overwrite: bool, output: Path, report: Path | None
) -> "Protecting":
    from sottovoce.cli.protecting import Protecting

    return Protecting(make, output, secret=secret, report=report, overwrite=overwrite)
