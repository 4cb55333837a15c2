"""`python -m tests.fuzz`, from the repository's root: damaged files for everything that reads files from outside."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from tests.fuzz.campaign import FAULT, Tally, inputs, run
from tests.fuzz.readers import READERS

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
_SHOWN = 5.0


@app.command()
def fuzz(
    readers: Annotated[list[str] | None, typer.Argument(help="Readers; all by default.")] = None,
    inputs_in_all: Annotated[int, typer.Option("--inputs", help="Files over all readers.")] = 100_000,
    count: Annotated[int | None, typer.Option(help="Files for each reader, whatever its share.")] = None,
    start: Annotated[int, typer.Option(help="Number of the first file of each reader.")] = 0,
    seed: Annotated[int, typer.Option(help="Another seed gives other files.")] = 0,
    seconds: Annotated[float, typer.Option(help="Stop after so many seconds.")] = float("inf"),
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the files that fail.")] = Path(
        "build/fuzz"
    ),
    replay: Annotated[bool, typer.Option(help="Read what lies in the folder instead.")] = False,
) -> None:
    """Damage valid files, and see that each is read or refused in one line, in bounded time and memory."""
    deadline, failed = time.monotonic() + seconds, 0
    print("reader        files    read  refused  faults  per second  slowest  memory")
    for name in readers or READERS:
        size = READERS[name].share * inputs_in_all // 1000 if count is None else count
        valid = {} if replay else READERS[name].seeds()
        given = _kept(output / name) if replay else inputs(name, valid, seed, range(start, start + size))
        began = time.monotonic()
        tally = run(name, _shown(given, name, began), output, deadline=deadline)
        total = tally.outcomes.total()
        print(
            f"\r{name:12} {total:6} {tally.outcomes['read']:7} {tally.outcomes['refused']:8} "
            f"{tally.outcomes[FAULT]:7} {total / (time.monotonic() - began):11.0f} {tally.slowest:6.2f} s "
            f"{tally.grown:4.0f} MiB"
        )
        failed += tally.outcomes[FAULT]
        _explain(tally)
        if time.monotonic() > deadline:
            print(f"stopped after {seconds:g} s; --start {start + total} goes on with {name}")
            break
    sys.exit(1 if failed else 0)


def _kept(folder: Path) -> Iterator[tuple[str, bytes]]:
    return ((path.name, path.read_bytes()) for path in sorted(folder.glob("*")))


def _shown(given: Iterator[tuple[str, bytes]], name: str, began: float) -> Iterator[tuple[str, bytes]]:
    """The same, and on the way how far it is."""
    last = time.monotonic()
    for number, each in enumerate(given):
        if time.monotonic() - last > _SHOWN:
            last = time.monotonic()
            print(f"\r{name}: {number} files in {last - began:.0f} s".ljust(78), end="", file=sys.stderr, flush=True)
        yield each


def _explain(tally: Tally) -> None:
    for kind, number in tally.kinds.most_common():
        first = next(fault for fault in tally.faults if fault.kind == kind)
        print(f"    {number} × {kind}: {first.said} ({first.file})")


if __name__ == "__main__":
    app(prog_name="python -m tests.fuzz")
