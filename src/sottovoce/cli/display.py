"""Progress and results on the terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from sottovoce.evaluation.verify import Verification


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[float], None]]:
    """A progress bar on stderr, where that is a terminal; yields the function that sets it, from 0 to 1."""
    share = TextColumn("{task.percentage:3.0f} %")
    columns = TextColumn("{task.description}"), BarColumn(), share, TimeRemainingColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(label, total=1.0)
        yield lambda share: progress.update(task, completed=share)


def complain(message: object) -> None:
    """Print one line on stderr."""
    typer.echo(f"sottovoce: {message}", err=True)


def show(result: "Verification") -> None:
    """Print a verification as tables and in plain words."""
    from sottovoce.cli.verdict import sentences, tables

    console = Console()
    for table in tables(result):
        console.print(table)
    for sentence in sentences(result):
        console.print(sentence, highlight=False, markup=False)
