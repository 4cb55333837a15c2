"""Options that several benchmarks share."""

from pathlib import Path
from typing import Annotated

import typer

ROWS, FILES, RESULTS = Path("benchmarks/rows"), Path("build/benchmarks"), Path("docs/results")
"""Measured rows, which are committed, so that a report can be written anew without measuring; attacked recordings, by
the name of the folder of their rows; reports."""

Data = Annotated[Path, typer.Option(help="Folder of the corpora; each is manifests/NAME.csv or a folder NAME.")]
Dtln = Annotated[Path | None, typer.Option(help="Folder with DTLN's two ONNX files, an enhancer that no attack sees.")]
Whisper = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Whisper as a second recogniser: a folder, or a name such as whisper-tiny.en."),
]
Seed = Annotated[int, typer.Option(help="Seed of all random numbers.")]
Workers = Annotated[int, typer.Option(min=1, help="Number of processes.")]
Rows = Annotated[Path, typer.Option(help="Folder for the measured rows; a rerun adds what is missing.")]
Output = Annotated[Path, typer.Option("-o", "--output", help="Folder for the report and its figures.")]
