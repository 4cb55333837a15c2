"""Peak memory of `sottovoce protect`, in a process of its own."""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from sottovoce.audio.files import read, write
from sottovoce.benchmarks.tables import table
from sottovoce.errors import SottovoceError

LENGTHS = (10, 60, 600)
"""Seconds."""


def peaks() -> str:
    """A table by length of the file and what it is protected against."""
    against: dict[str, tuple[str, ...]] = {"enhancers": ()}
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for seconds in LENGTHS:
            source, target = Path(folder) / f"{seconds}.wav", Path(folder) / f"{seconds}-protected.wav"
            _write_speech(source, seconds)
            found = (peak_of_protect(source, target, words) for words in against.values())
            rows.append([f"{seconds} s", *(f"{peak:.0f}" for peak in found)])
    return table(["length", *(f"against {name}, MiB" for name in against)], rows)


def peak_of_protect(source: Path, target: Path, words: Sequence[str] = ()) -> float:
    """The largest resident memory, in MiB, of a process that protects a file with further `words` of options."""
    code = (
        "import resource, sys; from sottovoce.cli import main\n"
        "try: main()\n"
        "finally: print('peak', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    command = [sys.executable, "-c", code, "protect", str(source), "-o", str(target), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SottovoceError(f"sottovoce protect failed: {done.stderr.strip().splitlines()[-1]}")
    unit = 1 if sys.platform == "darwin" else 1024
    return int(done.stdout.rpartition("peak ")[2]) * unit / 2**20


def _write_speech(path: Path, seconds: int) -> None:
    with as_file(files("sottovoce") / "data" / "demo.wav") as demo:
        recording = read(demo)
    frames = seconds * recording.rate
    samples = np.tile(recording.samples, (frames // recording.frames + 1, 1))[:frames]
    write(path, replace(recording, samples=samples))
