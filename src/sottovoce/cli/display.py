"""Progress, results and errors on the terminal."""

import codecs
import io
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from sottovoce.errors import explained

if TYPE_CHECKING:
    from sottovoce.evaluation.verification import Verification

DEBUG = ContextVar("DEBUG", default=False)
"""Whether errors are shown with their tracebacks."""

_UNCUT = 10_000
_PERIOD = 600.0
"""Seconds over which the speed is estimated: a file may take minutes."""
_SPELLED = {"→": "->", "…": "...", "–": "-", "—": "-", "−": "-", "×": "x", "±": "+-", "•": "*"}


def accept_all_characters() -> None:
    """Let stdout and stderr spell out or replace what their encodings lack, instead of failing."""
    codecs.register_error("sottovoce", _replaced)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="sottovoce")


def say(line: str) -> None:
    """Print one line on stdout."""
    print(_one_line(line), flush=True)


def complain(message: object) -> None:
    """Print one line on stderr."""
    print(f"sottovoce: {_one_line(str(message))}", file=sys.stderr, flush=True)


def complain_of(error: Exception, source: Path | None = None) -> None:
    """Print an error in one line on stderr, after its traceback if `DEBUG` is set."""
    if DEBUG.get():
        traceback.print_exception(error)
    complain(explained(error, source))


def is_watched() -> bool:
    """Whether stderr is a terminal, on which progress is shown."""
    return Console(stderr=True).is_terminal


@contextmanager
def progress_bar(label: str, total: float = 1.0) -> Iterator[Callable[..., None]]:
    """A progress bar on stderr, if that is a terminal.

    Args:
        label: what stands before it.
        total: where it ends.

    Yields:
        The function that sets it; it takes another `total` and `description` as well.
    """
    name, share = (TextColumn(text, markup=False) for text in ("{task.description}", "{task.percentage:3.0f} %"))
    screen = Console(stderr=True)
    columns = name, BarColumn(), share, TimeRemainingColumn()
    with Progress(
        *columns,
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
        redirect_stdout=sys.stdout.isatty(),  # or else lines for a file would go to the terminal
        speed_estimate_period=_PERIOD,
    ) as progress:
        task = progress.add_task(_one_line(label), total=total)
        yield lambda done, **changes: progress.update(task, completed=done, **changes)


def console() -> Console:
    """A console on stdout that prints names as they are; unless stdout is a terminal, it wraps and cuts nothing."""
    return Console(markup=False, emoji=False, highlight=False, width=None if sys.stdout.isatty() else _UNCUT)


def show(result: "Verification") -> None:
    """Print a verification as tables and in plain words."""
    from sottovoce.cli.tables import tables
    from sottovoce.evaluation.verdict import sentences

    screen = console()
    for table in tables(result):
        screen.print(table)
    for sentence in sentences(result):
        screen.print(sentence)


def _one_line(text: str) -> str:
    """Control characters, which file names may contain, would break the line or command the terminal."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", "?", text)


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    return "".join(_SPELLED.get(character, "?") for character in missing), error.end
