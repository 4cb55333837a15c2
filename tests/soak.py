"""`python -m tests.soak`, from the repository's root: many short files through one process, and the memory it takes."""

import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from statistics import median
from threading import Event, Thread
from typing import Annotated

import numpy as np
import soundfile
import typer

from sottovoce.cli import main

RATE, SECONDS = 16_000, 0.5
WARM = 50
"""Files after which everything is loaded, and whose number memory is averaged over."""
_LOOK = 0.02
_MIB = 1 << 20


def write_files(folder: Path, count: int) -> None:
    """Write voice-like sounds, each of another pitch."""
    time_axis, random = np.arange(round(SECONDS * RATE)) / RATE, np.random.default_rng(0)
    for number in range(count):
        pitch = random.uniform(90, 250)
        hum = sum(np.sin(2 * np.pi * pitch * k * time_axis) / k for k in range(1, 12)) * 0.1
        soundfile.write(folder / f"{number:05}.wav", hum + 1e-3 * random.standard_normal(len(hum)), RATE)


@contextmanager
def watched(folder: Path) -> Iterator[dict[int, float]]:
    """How much memory this process takes, in MiB, by the number of files that lie in a folder."""
    seen, over = dict[int, float](), Event()

    def look() -> None:
        while not over.wait(_LOOK):
            done = sum(not name.startswith(".") for name in os.listdir(folder))
            seen.setdefault(done, resident())

    thread = Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def resident() -> float:
    """Memory that this process takes at this moment, in MiB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / _MIB


def growth(seen: dict[int, float]) -> tuple[float, float]:
    """Memory once everything is loaded, and at the end: medians over `WARM` files."""
    last = max(seen)
    start = [size for done, size in seen.items() if WARM <= done < 2 * WARM]
    end = [size for done, size in seen.items() if last - WARM < done <= last]
    return median(start), median(end)


def protect_all(count: int) -> dict[int, float]:
    """Hide the voice in so many files, in this process, and say how much memory it took on the way."""
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder, "given"), Path(folder, "made")
        given.mkdir()
        made.mkdir()
        os.environ["SOTTOVOCE_STATE"] = f"{folder}/state"
        write_files(given, count)
        sys.argv = ["sottovoce", "protect", "voice", str(given), "-o", str(made), "--effort", "low"]
        with watched(made) as seen:
            try:
                main()
            except SystemExit as end:
                if end.code:
                    raise
        if len(list(made.iterdir())) != count:
            raise RuntimeError(f"{len(list(made.iterdir()))} of {count} files were written")
    return seen


def soak(
    files: Annotated[int, typer.Option(help="How many.")] = 2000,
    most: Annotated[float, typer.Option(help="Growth in percent that is no failure.")] = 5.0,
) -> None:
    """Hide the voice in many files; fails if memory grows."""
    began = time.monotonic()
    seen = protect_all(files)
    start, end = growth(seen)
    steps = [start, *(size for done, size in sorted(seen.items()) if done and done % (files // 10 or 1) == 0)]
    largest = max(after - before for before, after in pairwise(steps))
    print(
        f"{files} files in {time.monotonic() - began:.0f} s: {start:.0f} MiB after {WARM} files, {end:.0f} MiB at the "
        f"end ({100 * (end / start - 1):+.1f} %); per tenth: {', '.join(f'{size:.0f}' for size in steps)} MiB, "
        f"at most {largest:+.0f} MiB at once"
    )
    sys.exit(1 if end > start * (1 + most / 100) else 0)


if __name__ == "__main__":
    typer.run(soak)
