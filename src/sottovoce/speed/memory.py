"""Peak memory of `sottovoce protect`, in a separate process."""

import subprocess
import sys
import tempfile
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from sottovoce.audio.files import read, write
from sottovoce.errors import SottovoceError


def peak(protection: str, seconds: int, *options: str) -> float:
    """The peak memory in MiB of `sottovoce protect` on so many seconds of speech.

    Args:
        protection: its subcommand.
        seconds: length of the speech.
        options: further options of the subcommand.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "speech.wav", Path(folder) / "protected.wav"
        _write_speech(source, seconds)
        return peak_of_protect(protection, source, target, *options)


def peak_of_protect(protection: str, source: Path, target: Path, *options: str) -> float:
    """The largest resident memory in MiB of a process that protects a file.

    Raises:
        SottovoceError: the process failed.
    """
    code = (
        "import resource; from sottovoce.cli import main\n"
        "try: main()\n"
        "finally: print('peak', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    command = [sys.executable, "-c", code, "protect", protection, str(source), "-o", str(target), *options]
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
