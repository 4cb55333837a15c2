"""`python -m benchmarks papers`."""

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.options import RESULTS, ROWS
from benchmarks.papers.report import load_papers, page
from sottovoce.writing import write_text

PAGE = RESULTS.with_suffix(".md")


def papers(
    results: Annotated[Path, typer.Option(help="Folder of the benchmarks' reports.")] = RESULTS,
    rows: Annotated[Path, typer.Option(help="Folder of the benchmarks' measured rows.")] = ROWS,
    output: Annotated[Path, typer.Option("-o", "--output", help="The page to write.")] = PAGE,
) -> None:
    """A page with the headline figures of all papers beside ours; measures nothing."""
    write_text(output, page(load_papers(results, rows)))
