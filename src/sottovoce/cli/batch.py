"""A command run on one file or on many, in one process or in several."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import typer

from sottovoce.cli.course import course_of
from sottovoce.cli.display import complain, complain_of, say
from sottovoce.cli.places import Work
from sottovoce.cli.summary import NAME, PASSED_OVER, Outcome, Row, as_csv
from sottovoce.errors import SottovoceError, explained
from sottovoce.processes import each
from sottovoce.remote import Remote
from sottovoce.workers import Each, Tell


@dataclass(frozen=True)
class Remark:
    """What is to be told while a file is being done.

    Attributes:
        text: a line.
        about: of several remarks about the same, the first is told.
        complaint: whether it goes to stderr.
    """

    text: str
    about: str
    complaint: bool = False


Step = Callable[[Path, Path, Tell], Outcome]
"""Makes a target from a source; tells the finished share (a float from 0 to 1), and remarks."""
_Do = Callable[[tuple[Path, Path], Tell], Outcome]


def for_each(
    work: Work,
    output: Path,
    build: Callable[[], Step],
    done: str,
    *,
    of_originals: bool = True,
    jobs: int | None = None,
    run: Each = each,
    report: Path | None = None,
    overwrite: bool = False,
) -> None:
    """Process every file and print a line for each; a batch continues after a file that fails, whatever the error.

    Args:
        work: sources and targets, as from `places`.
        output: what the person named; missing folders below it are created.
        build: makes what processes a file, once in each process; is pickled where there are several.
        done: the participle for messages, such as "protected".
        of_originals: whether to remark on sources that sottovoce has written itself.
        jobs: number of processes; see `processes.each`.
        run: what runs them; `processes.each` or `cluster.each`.
        report: folder for the summary of a batch. It names the originals, so without such a folder there is none:
            nothing beside a protected file may tell its original's name.
        overwrite: whether the summary may replace a file that sottovoce did not write.

    Raises:
        SottovoceError: the only file fails, or the summary cannot be written.
        typer.Exit: with status 1, after a batch in which a file failed.
    """
    from sottovoce.journal import check_free
    from sottovoce.writing import make_folder, remove_leftovers, write_together

    prepared: Callable[[], _Do] = _Prepared(build, output, of_originals)
    if run is each and jobs in (None, 1):  # wrong settings are told before what is wrong with the files
        prepared = _made(prepared())
    ready, rows = _sorted_out(work, done)
    is_batch = len(ready) + len(rows) > 1
    if report is not None and is_batch:
        if not isinstance(report, Remote):
            check_free(report / NAME, overwrite=overwrite)
        make_folder(report)
    if is_batch:
        for row in rows:
            _show(row, is_batch)
    remove_leftovers(target for _, target in ready)
    remarked: set[str] = set()
    with course_of([source for source, _ in ready], work.seconds) as course:

        def told(place: int, message: float | Remark) -> None:
            if not isinstance(message, Remark):
                course.move(place, message)
            elif message.about not in remarked:
                remarked.add(message.about)
                (complain if message.complaint else say)(message.text)

        with closing(run(prepared, ready, processes=jobs, told=told, name=lambda pair: pair[0])) as tasks:
            for task in tasks:
                source, target = ready[task.place]
                rows.append(Row(source, target, task.result, _named(task.error, source)))
                course.end(task.place, rows[-1])
                _show(rows[-1], is_batch)
    failures = [row.error for row in rows if row.error is not None]
    if is_batch:
        _sum_up(rows, failures, done)
    if work.passed_over:
        complain(work.passed_over)
    if report is not None and is_batch:
        order: dict[Path | None, int] = {source: number for number, (source, _) in enumerate(work.pairs)}
        rows.sort(key=lambda row: order.get(row.source, len(order)))
        if isinstance(report, Remote):
            (report / NAME).write_bytes(as_csv(rows))
        else:
            write_together({report / NAME: as_csv(rows)}, ours=True)
    if failures:
        raise typer.Exit(1) if is_batch else failures[0]


@dataclass(frozen=True)
class _Prepared:
    """A step, and what comes before it for each file; as `processes.each` takes it."""

    build: Callable[[], Step]
    output: Path
    of_originals: bool

    def __call__(self) -> _Do:
        step = self.build()

        def do(pair: tuple[Path, Path], tell: Tell) -> Outcome:
            source, target = pair
            if target != self.output:
                _make_parent(target)
            if self.of_originals:
                _remark_on_own(source, tell)
            return step(source, target, tell)

        return do


def _made(do: _Do) -> Callable[[], _Do]:
    return lambda: do


def _show(row: Row, is_batch: bool) -> None:
    if row.error is not None:
        if is_batch:
            complain_of(row.error)
    elif row.outcome is not None:
        for line in (row.outcome.line, *row.outcome.sentences):
            say(line)


def _sum_up(rows: list[Row], failures: list[SottovoceError], done: str) -> None:
    """Say how many files are done, and list those that failed once more, unless they are the last lines already."""
    passed = sum(row.outcome is not None and row.outcome.status == PASSED_OVER for row in rows)
    failed = f"; {passed} there already, not looked into" if passed else ""
    failed += f"; {len(failures)} failed" if failures else ""
    if doubtful := sum(bool(row.outcome and row.outcome.doubts) for row in rows):
        failed += f"; doubts about {doubtful}"
    first = next((number for number, row in enumerate(rows) if row.error is not None), len(rows))
    scattered = any(row.error is None for row in rows[first:])
    complain(f"{len(rows) - len(failures) - passed} of {len(rows)} files {done}{failed}{':' if scattered else ''}")
    if scattered:
        for error in failures:
            complain(error)


def _sorted_out(work: Work, done: str) -> tuple[list[tuple[Path, Path]], list[Row]]:
    """The pairs that can be processed, and all that is known before the work to fail."""
    from sottovoce.audio.formats import can_write

    ready, failed = [], [Row(None, None, error=error) for error in work.problems]
    for source, target in work.pairs:
        suffix = target.suffix.lower()
        if (error := _unreachable(source)) is not None:
            failed.append(Row(source, target, error=error))
        elif suffix and suffix == source.suffix.lower() and not can_write(suffix):
            reason = f"no format is written under {suffix}; convert it, or name it alone with -o NAME.wav"
            failed.append(Row(source, target, error=SottovoceError(f"{source}: not {done}: {reason}")))
        else:
            ready.append((source, target))
    return ready, failed


def _unreachable(source: Path) -> SottovoceError | None:
    """Why there is no file to read; None if there is one, or if whoever fetches it will know."""
    if isinstance(source, Remote):
        return None
    try:
        source.stat()
    except FileNotFoundError:
        return SottovoceError(f"{source}: no such file; check the name")
    except OSError as error:
        return SottovoceError(f"{source}: cannot be read ({error.strerror}); check its name and permissions")
    return None


def _make_parent(target: Path) -> None:
    from sottovoce.writing import make_folder

    make_folder(target.parent)


def _remark_on_own(source: Path, tell: Tell) -> None:
    from sottovoce.journal import is_ours

    if not isinstance(source, Remote) and source.is_file() and is_ours(source):
        text = f"{source}: sottovoce wrote this file; if it is protected already, name the original instead"
        tell(Remark(text, about=str(source), complaint=True))


def _named(error: Exception | None, source: Path) -> SottovoceError | None:
    """The error as one line, with the unforeseen one as its cause."""
    if error is None or isinstance(error, SottovoceError):
        return error
    named = SottovoceError(explained(error, source))
    named.__cause__ = error
    return named
