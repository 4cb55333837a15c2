"""Typed command lines, quick attacks throughout."""

import sys

import pytest
import torch

from sottovoce.cli import main
from sottovoce.metrics import DNSMOS


@pytest.fixture(autouse=True)
def always_quick(quick_attack):
    pass


@pytest.fixture
def no_dnsmos(monkeypatch):
    """DNSMOS is tested elsewhere and takes seconds."""
    monkeypatch.setattr("sottovoce.metrics.dnsmos", lambda *_: DNSMOS(*torch.full((3, 1), 3.0)))


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
