"""Typed command lines, quick attacks throughout."""

import sys
from pathlib import Path

import pytest

from sottovoce.cli import main


@pytest.fixture(autouse=True)
def always_quick(quick_attack):
    pass


@pytest.fixture
def run(monkeypatch, capsys):
    """Types a command line; gives the exit status and what is on stdout and stderr."""

    def typed(*words):
        monkeypatch.setattr(sys, "argv", ["sottovoce", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            main()
        captured = capsys.readouterr()
        return end.value.code or 0, captured.out, captured.err

    return typed


@pytest.fixture
def touch(tmp_path: Path):
    """Creates files that hold nothing, and gives their paths."""

    def make(*names: str) -> list[Path]:
        paths = [tmp_path / name for name in names]
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        return paths

    return make
