"""Commands that README and documentation show are understood by the programs that they name."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from benchmarks.__main__ import app as benchmarks_app
from sottovoce.cli.app import app

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs" / "start").glob("*.md"))]
PROGRAMS = {"sottovoce": (1, app), "python -m benchmarks": (3, benchmarks_app)}


def commands() -> Iterator[tuple[str, str]]:
    """Page and line of every command in a block of code."""
    for page in PAGES:
        for line in page.read_text(encoding="utf-8").splitlines():
            shown = line.removeprefix("    ")
            shown = re.sub(r"^(?:[A-Z_]+=\S+ )+", "", shown)
            if shown != line and shown.startswith((*PROGRAMS, "pip install")) and "[options]" not in shown:
                yield page.name, shown


def inert(command: Any) -> Any:
    """A command and its subcommands that parse their arguments and do nothing."""
    for each in getattr(command, "commands", {}).values():
        inert(each)
    if not hasattr(command, "commands"):
        command.callback = lambda **_: None
    return command


@pytest.mark.parametrize(("page", "line"), sorted(set(commands())))
def test_a_command_is_understood(page: str, line: str) -> None:
    words = shlex.split(line, comments=True)
    if words[0] == "pip":
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        wanted = re.findall(r"^\.\[(.+)\]$", words[2])
        assert not wanted or set(wanted[0].split(",")) <= project["optional-dependencies"].keys()
        return
    start, program = next(found for name, found in PROGRAMS.items() if line.startswith(name))
    inert(typer.main.get_command(program)).main(words[start:], standalone_mode=False)


def test_there_are_commands_on_every_page_for_users() -> None:
    shown = {page for page, _ in commands()}
    assert {"README.md", "recording.md", "corpus.md", "research.md", "cookbook.md", "web.md"} <= shown
