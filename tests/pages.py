"""What pages of the documentation show in blocks of code, and how tests run it."""

import re
import shlex
import sys
from pathlib import Path

import pytest

from sottovoce.cli import main

ROOT = Path(__file__).parents[1]


def blocks(page: str, language: str) -> list[str]:
    """The indented lines of a page that are commands, or those that are not.

    Args:
        page: its path in the repository.
        language: "shell" or "python".
    """
    lines = [line[4:] for line in (ROOT / page).read_text(encoding="utf-8").splitlines() if line.startswith("    ")]
    shell = [line for line in lines if re.match(r"(?:[A-Z_]+=\S+ )*(?:sottovoce|pip|python|make) ", line)]
    return shell if language == "shell" else [line for line in lines if line not in shell]


def recipes(page: str) -> dict[str, list[str]]:
    """The blocks of code of a page by the words in bold before them."""
    found, title = dict[str, list[str]](), ""
    for line in (ROOT / page).read_text(encoding="utf-8").splitlines():
        bold = re.match(r"\*\*(.+?)[.:]?\*\*", line)
        title = bold[1] if bold else title
        if line.startswith("    "):
            found.setdefault(title, []).append(line[4:])
    return found


def run(line: str, status: int = 0) -> None:
    """Type a command of sottovoce's, which has to end with a status, 0 being success."""
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as end:
        patch.setattr(sys, "argv", shlex.split(line, comments=True))
        main()
    assert (end.value.code or 0) == status, line
