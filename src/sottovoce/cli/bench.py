"""`sottovoce bench`."""

from pathlib import Path
from typing import Annotated

import typer

from sottovoce.cli.display import progress_bar

app = typer.Typer(help="Measure what protections cost on this machine.", no_args_is_help=True)


@app.command()
def speed(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Folder for speed.md.")] = Path(
        "docs/results/speed"
    ),
) -> None:
    """Measure what attacks and generators cost in time and memory."""
    from sottovoce.evaluation.speed.report import run

    with progress_bar("measuring") as moved:
        report = run(output, moved)
    typer.echo(f"wrote {report}")
