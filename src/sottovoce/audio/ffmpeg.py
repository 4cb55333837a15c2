"""Conversion with ffmpeg, for containers that libsndfile does not support."""

import re
import shutil
import subprocess
from pathlib import Path

from sottovoce.errors import SottovoceError


def is_installed() -> bool:
    """Whether ffmpeg is on the search path."""
    return shutil.which("ffmpeg") is not None


def convert(source: Path, target: Path, *options: str) -> None:
    """Convert a file; a damaged one is an error.

    Args:
        source: the file to read; network protocols are disabled.
        target: the file to write; its suffix selects the container.
        options: ffmpeg's output options.

    Raises:
        SottovoceError: ffmpeg is not installed, or it reports a problem. The message does not name the file.
    """
    program = shutil.which("ffmpeg")
    if program is None:
        raise SottovoceError("ffmpeg, which reads more formats, is not installed (see ffmpeg.org)")
    command = [program, "-nostdin", "-v", "error", "-protocol_whitelist", "file", "-i", f"file:{source}"]
    command += [*options, f"file:{target}"]
    outcome = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    # ffmpeg often decodes what there is of a truncated file and exits with status 0, but reports it on stderr.
    if outcome.returncode or outcome.stderr:
        first = next(iter(outcome.stderr.splitlines()), f"exit status {outcome.returncode}")
        without_module = re.sub(r"^(\[[^]]*\] *)+", "", first)
        raise SottovoceError(f"ffmpeg reports '{without_module.rstrip('.')}'")
