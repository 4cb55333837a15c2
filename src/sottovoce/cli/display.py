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

from sottovoce.errors import SottovoceError

if TYPE_CHECKING:
    from sottovoce.evaluation.verification import Verification

DEBUG = ContextVar("DEBUG", default=False)
"""Whether errors are shown with their tracebacks."""

_UNCUT = 10_000
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


def explained(error: Exception, source: Path | None = None) -> str:
    """An error in one line.

    Args:
        error: any error.
        source: the file at which it occurred; a `SottovoceError` names it itself.
    """
    if isinstance(error, SottovoceError):
        return str(error)
    where = "" if source is None else f"{source}: "
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":  # torch's is for the GPU
        return f"{where}out of memory; use a shorter recording, or another machine"
    if isinstance(error, OSError) and error.strerror:
        place = "" if error.filename is None else f" ({error.filename})"
        return f"{where}{error.strerror}{place}; --debug shows where"
    reason = " ".join(str(error).split())
    return f"{where}unexpected {type(error).__name__}{reason and ': '}{reason.rstrip('.')}; --debug shows where"


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[float], None]]:
    """A progress bar on stderr, if that is a terminal; yields the function that sets it, from 0 to 1."""
    name, share = (TextColumn(text, markup=False) for text in ("{task.description}", "{task.percentage:3.0f} %"))
    screen = Console(stderr=True)
    columns = name, BarColumn(), share, TimeRemainingColumn()
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as progress:
        task = progress.add_task(_one_line(label), total=1.0)
        yield lambda share: progress.update(task, completed=share)


def console() -> Console:
    """A console on stdout that prints names as they are; unless stdout is a terminal, it wraps and cuts nothing."""
    return Console(markup=False, emoji=False, highlight=False, width=None if sys.stdout.isatty() else _UNCUT)


def show(result: "Verification") -> None:
    """Print a verification as tables and in plain words."""
    from sottovoce.cli.tables import tables
    from sottovoce.cli.verdict import sentences

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
