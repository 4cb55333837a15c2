"""Peak memory of `sottovoce protect`, in a process of its own."""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from benchmarks.rows import Row
from sottovoce.audio.files import read, write
from sottovoce.errors import SottovoceError


def peak(seconds: int, *words: str) -> list[Row]:
    """Of protecting speech of that many seconds, with further words of options."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "speech.wav", Path(folder) / "protected.wav"
        _write_speech(source, seconds)
        return [{"seconds": float(seconds), "MiB": peak_of_protect(source, target, words)}]


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
