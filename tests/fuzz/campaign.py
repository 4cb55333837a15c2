"""Damaged files by number, given to a reader in another process; what crashes, hangs or raises is kept."""

import hashlib
import json
import select
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import IO, NamedTuple, Self

from tests.fuzz.mutations import mutated

FAULT = "fault"
SECONDS = 20.0
"""After which a reader hangs."""
MEBIBYTES = 512
"""Of address space that a reader may take for one file of up to 128 KiB."""
_START = 300.0
_KEPT = 3
"""Files that are kept of each kind of fault."""


class Fault(NamedTuple):
    """What went wrong with a file.

    Attributes:
        kind: what, and where in the code.
        said: more about it.
        file: where the file is kept; None after `_KEPT` of a kind.
    """

    kind: str
    said: str
    file: Path | None


@dataclass
class Tally:
    """What came of the files.

    Attributes:
        outcomes: how many were read, refused, or led to a fault.
        refusals: how many were refused at each place of the code.
        faults: those that are kept.
        grown: MiB by which the memory of the process grew at most.
        slowest: seconds that one file took at most.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    grown: float = 0.0
    slowest: float = 0.0


class Child:
    """A process in which a reader reads one file after the other."""

    def __init__(self, reader: str) -> None:
        self.reader = reader

    def __enter__(self) -> Self:
        self._folder = TemporaryDirectory(prefix="fuzz-")
        for name in ("work", "temporary"):
            Path(self._folder.name, name).mkdir()
        command = [sys.executable, "-m", "tests.fuzz.child", self.reader, self._folder.name, str(MEBIBYTES)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        if self._answer(_START) is None:
            raise RuntimeError(f"the reader {self.reader} does not start")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
        self._folder.cleanup()

    def read(self, path: Path) -> tuple[str, str, str, float] | None:
        """What comes of a file; None if the process did not live to tell, or took too long."""
        try:
            _pipe(self._process.stdin).write(f"{path}\n")
        except BrokenPipeError:
            return None
        return self._answer(SECONDS)

    @property
    def end(self) -> str:
        """How a process ended that did not answer."""
        try:
            status = self._process.wait(1.0)
        except subprocess.TimeoutExpired:
            return f"more than {SECONDS:g} s"
        return f"signal {-status}" if status < 0 else f"exit status {status}"

    def _answer(self, seconds: float) -> tuple[str, str, str, float] | None:
        out = _pipe(self._process.stdout)
        ready, _, _ = select.select([out], [], [], seconds)
        line = out.readline() if ready else ""
        return tuple(json.loads(line)) if line else None


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def inputs(reader: str, valid: dict[str, bytes], seed: int, numbers: Iterable[int]) -> Iterator[tuple[str, bytes]]:
    """Damaged files, the same for the same seed, number and valid files, each with a name."""
    names = sorted(valid)
    for number in numbers:
        random = Random(f"{seed} {reader} {number}")
        name = random.choice(names)
        yield f"{number}-{name}", mutated(valid[name], list(valid.values()), random)


def run(reader: str, given: Iterable[tuple[str, bytes]], kept: Path, *, deadline: float = float("inf")) -> Tally:
    """Let a reader read files.

    Args:
        reader: its name.
        given: names and contents of the files.
        kept: folder for those that lead to a fault.
        deadline: on `time.monotonic`; what is left then is not read.
    """
    tally, child = Tally(), None
    with TemporaryDirectory(prefix="fuzz-") as folder:
        try:
            for name, content in given:
                if time.monotonic() > deadline:
                    break
                if child is None:
                    child = Child(reader).__enter__()
                path = Path(folder, name)
                path.write_bytes(content)
                began = time.monotonic()
                found = child.read(path)
                tally.slowest = max(tally.slowest, time.monotonic() - began)
                if found is None:
                    end = child.end
                    child.__exit__()
                    child, found = None, (FAULT, end, end, 0.0)
                _count(tally, found, path, kept / reader)
                path.unlink()
        finally:
            if child is not None:
                child.__exit__()
    return tally


def _count(tally: Tally, found: tuple[str, str, str, float], path: Path, kept: Path) -> None:
    outcome, said, place, grown = found
    tally.outcomes[outcome] += 1
    tally.grown = max(tally.grown, grown)
    if outcome == "refused":
        tally.refusals[place] += 1
    if outcome == FAULT:
        tally.kinds[place] += 1
        copy = None
        if tally.kinds[place] <= _KEPT:
            kept.mkdir(parents=True, exist_ok=True)
            digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
            copy = kept / f"{digest}{path.suffix}"
            shutil.copyfile(path, copy)
        tally.faults.append(Fault(place, said, copy))
