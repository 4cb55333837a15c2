"""`python -m benchmarks ablation`."""

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.ablation.measure import train_missing
from benchmarks.ablation.plan import ABLATIONS, Plan
from benchmarks.ablation.report import write_report
from benchmarks.options import RESULTS, ROWS
from benchmarks.rows import load_rows
from sottovoce.cli.options import Settings
from sottovoce.training import Machine


def ablation(
    recipe: Annotated[str, typer.Argument(help=f"Recipe: {' or '.join(ABLATIONS)}.")],
    speech: Annotated[list[Path], typer.Option(help="Manifest or corpus folder of speech; may be repeated.")],
    settings: Settings = None,
    rows: Annotated[Path | None, typer.Option(help=f"Folder for trainings and logs [{ROWS}/ablation-RECIPE].")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help=f"Folder for the report [{RESULTS}/ablation-RECIPE].")
    ] = None,
) -> None:
    """Short trainings of a recipe with and without its terms or switches."""
    plan = Plan(recipe, tuple(speech), tuple(settings or ()))
    folder = rows or ROWS / f"ablation-{recipe}"
    train_missing(plan, folder, Machine())
    write_report(output or RESULTS / f"ablation-{recipe}", plan, load_rows(folder, plan))
