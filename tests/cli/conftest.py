"""Typed command lines, quick attacks throughout."""

import sys

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
