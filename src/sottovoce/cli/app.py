"""The program `sottovoce`: its commands, and how it ends."""

import sys
from typing import Annotated

import typer

from sottovoce import __version__
from sottovoce.cli import bench, demo, enhance, evaluate, keygen, models, protect, render_music, restore, train, verify
from sottovoce.errors import SottovoceError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.command()(protect.protect)
app.command()(restore.restore)
app.command()(keygen.keygen)
app.command()(enhance.enhance)
app.command()(verify.verify)
app.command()(evaluate.evaluate)
app.command()(train.train)
app.command()(render_music.render_music)
app.command()(demo.demo)
app.add_typer(models.app, name="models")
app.add_typer(bench.app, name="bench")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sottovoce {__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which.")] = False,
) -> None:
    """Keep speech private with adversarial perturbations, and measure what each protection is worth."""


def main() -> None:
    """Run the program: exit status 2 and one line for what a person can put right, 130 after Ctrl-C."""
    try:
        app()
    except SottovoceError as error:
        print(f"sottovoce: {error}", file=sys.stderr)
        sys.exit(2)
