"""Options that several benchmarks share."""

from pathlib import Path
from typing import Annotated

import typer

ROWS, RESULTS = Path("build/benchmarks"), Path("docs/results")

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
