"""`sottovoce bench`."""

from pathlib import Path
from typing import Annotated

import typer

from sottovoce.cli.display import progress_bar, say
from sottovoce.cli.options import Overwrite, output_path

app = typer.Typer(help="Measure what protections cost on this machine.", no_args_is_help=True)


@app.command()
def speed(
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", parser=output_path, help="Folder for speed.md.")
    ] = Path("docs/results/speed"),
    overwrite: Overwrite = False,
) -> None:
    """Measure what attacks and generators cost in time and memory."""
    from sottovoce.journal import check_free, note
    from sottovoce.speed.report import run

    check_free(output / "speed.md", overwrite=overwrite)
    with progress_bar("measuring") as moved:
        report = run(output, moved)
    note(report, {})
    say(f"wrote {report}")
