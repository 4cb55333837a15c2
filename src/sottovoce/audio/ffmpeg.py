"""What ffmpeg does for us: it reads and writes containers that libsndfile does not support."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

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
    run(*reading(source), *options, f"file:{target}")


def reading(source: Path) -> list[str]:
    """ffmpeg's options to read a file, and nothing from a network."""
    return ["-protocol_whitelist", "file", "-i", f"file:{source}"]


def run(*options: str) -> None:
    """Run ffmpeg.

    Raises:
        SottovoceError: as of `convert`.
    """
    with output(*options) as out:
        out.read()


@contextmanager
def output(*options: str) -> Iterator[IO[bytes]]:
    """What ffmpeg writes to `pipe:1`, while it does.

    Raises:
        SottovoceError: as of `convert`, when all has been read.
    """
    program = shutil.which("ffmpeg")
    if program is None:
        raise SottovoceError("ffmpeg, which reads more formats, is not installed (see ffmpeg.org)")
    command = [program, "-nostdin", "-v", "error", *options]
    with tempfile.TemporaryFile() as said, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said) as process:
        assert process.stdout is not None
        try:
            yield process.stdout
        except BaseException:
            process.kill()
            raise
        status = process.wait()
        said.seek(0)
        lines = said.read().decode(errors="replace").splitlines()
    # ffmpeg often decodes what there is of a truncated file and exits with status 0, but reports it on stderr.
    if status or lines:
        without_module = re.sub(r"^(\[[^]]*\] *)+", "", next(iter(lines), f"exit status {status}"))
        raise SottovoceError(f"ffmpeg reports '{without_module.rstrip('.')}'")
