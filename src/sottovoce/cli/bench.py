"""`sottovoce bench`."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="The papers' tables and figures, and the speed.", no_args_is_help=True)
Output = Annotated[Path, typer.Option("-o", "--output", help="Folder for tables and figures.")]
RESULTS = Path("docs/results")


@app.command()
def enhancement(
    data: Annotated[Path, typer.Option(help="Folder with the corpora and their manifests/.")],
    output: Output = RESULTS,
) -> None:
    """Attacks on speech enhancement, the papers' values beside ours."""
    from sottovoce.benchmarks import enhancement

    enhancement.run(data, output)


@app.command()
def speed(output: Output = RESULTS) -> None:
    """What an attack costs in time and memory."""
    from sottovoce.benchmarks import speed

    speed.run(output)
