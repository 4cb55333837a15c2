"""The installed ffmpeg, for containers that libsndfile does not know."""

import re
import shutil
import subprocess
from pathlib import Path

from sottovoce.errors import SottovoceError


def convert(source: Path, target: Path, *options: str) -> None:
    """Convert one file into another, and accept no damage.

    Args:
        source: the file to read; it is never fetched over a network.
        target: the file to write; the suffix decides the container.
        options: ffmpeg's output options.

    Raises:
        SottovoceError: ffmpeg is not installed, or it found something wrong; the message names no file.
    """
    program = shutil.which("ffmpeg")
    if program is None:
        raise SottovoceError("ffmpeg, which knows more containers, is not installed (ffmpeg.org)")
    command = [program, "-nostdin", "-v", "error", "-protocol_whitelist", "file", "-i", f"file:{source}"]
    command += [*options, f"file:{target}"]
    outcome = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    # A file that is cut short is often decoded as far as it goes, with exit status 0 and a word on stderr.
    if outcome.returncode or outcome.stderr:
        first = next(iter(outcome.stderr.splitlines()), f"exit status {outcome.returncode}")
        without_module = re.sub(r"^(\[[^]]*\] *)+", "", first)
        raise SottovoceError(f"ffmpeg says '{without_module.rstrip('.')}'")
