"""`sottovoce evaluate`."""

from pathlib import Path
from typing import Annotated

import typer

from sottovoce.cli.display import complain, progress_bar
from sottovoce.cli.options import Device, Enhancers, names
from sottovoce.errors import SottovoceError


def evaluate(
    originals: Annotated[Path, typer.Argument(help="Folder of originals.")],
    protected: Annotated[Path, typer.Argument(help="Folder of their protected copies, under the same names.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for evaluation.csv and summary.csv.")],
    against: Enhancers = "metricgan-plus",
    manifest: Annotated[Path | None, typer.Option(metavar="CSV", help="Manifest with the true texts.")] = None,
    device: Device = "cpu",
) -> None:
    """Measure the protection of a folder: a row per file, and means with 95 % bootstrap intervals."""
    from rich.console import Console
    from rich.table import Table

    from sottovoce.evaluation import folders
    from sottovoce.evaluation.enhance import load_enhancers
    from sottovoce.models.recognizers import PocketSphinx
    from sottovoce.writing import make_folder, write_text

    enhancers = load_enhancers(names(against), device)
    files = folders.pairs(originals, protected)
    said = {} if manifest is None else folders.texts(manifest)
    make_folder(output)
    errors: list[SottovoceError] = []
    with progress_bar("evaluating") as progress:
        rows = folders.evaluate(files, enhancers, PocketSphinx(), said=said, progress=progress, failed=errors.append)
    for error in errors:
        complain(error)
    if rows.empty:
        raise SottovoceError(f"none of the {len(files)} pairs could be compared")
    summary = folders.summary(rows)
    write_text(output / "evaluation.csv", rows.to_csv(index=False))
    write_text(output / "summary.csv", summary.to_csv(index=False))
    table = Table(*summary.columns)
    for row in summary.itertuples(index=False):
        table.add_row(*(f"{value:.3f}" if isinstance(value, float) else str(value) for value in row))
    Console().print(table)
    if errors:
        complain(f"{len(errors)} of {len(files)} pairs could not be compared")
        raise typer.Exit(1)
