"""Sound through the program."""

import io
import os
import sys

import numpy as np
import pytest

from sottovoce.live import LiveVoice
from sottovoce.perturbers import SSED


@pytest.fixture
def piped(run, monkeypatch):
    """Runs the program with bytes on stdin; gives status, what is on stdout, and what is on stderr."""

    def typed(content, *words):
        sink = io.BytesIO()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        out = io.TextIOWrapper(sink)
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", out)
            code, _, err = run("stream", *words)
        return code, sink.getvalue(), err

    return typed


def test_stdout_has_only_sound_and_stderr_says_what_it_is_worth_and_what_was_measured(piped):
    samples = np.rint(np.random.default_rng(0).normal(0, 3000, 4000)).astype("<i2")
    code, out, err = piped(samples.tobytes())
    voice = LiveVoice(SSED.load("ssed-ecapa-tdnn"))
    wanted = np.concatenate([voice.push(samples.astype(np.int16)), voice.flush()]).astype(int)
    assert code == 0 and np.abs(np.frombuffer(out, "<i2") - wanted).max() <= 1
    first, second = err.splitlines()
    assert "ECAPA-TDNN" in first and "not CAM++ and not Resemblyzer" in first and "Nothing that is sent" in first
    assert "0.2 s of sound" in second and "real-time factor" in second and "of 21 buffers dropped" in second


@pytest.mark.parametrize(
    ("content", "words", "part"),
    [
        (b"", (), "no sound"),
        (bytes(800), ("--from", "default"), "belong together"),
        (bytes(800), ("--generator", "advgan"), "not ssed"),
        (bytes(800), ("--generator", "nobody"), "no model"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_no_sound(piped, content, words, part):
    code, out, err = piped(content, *words)
    assert code == 2 and out == b"" and part in err.splitlines()[-1]


@pytest.mark.parametrize("end", ["stdin", "stdout"])
def test_terminals_get_no_sound(run, monkeypatch, end):
    class Terminal(io.TextIOWrapper):
        def isatty(self):
            return True

    terminals = {end: Terminal(io.BytesIO())}
    with monkeypatch.context() as patch:
        for name in ("stdin", "stdout"):
            patch.setattr(sys, name, terminals.get(name) or io.TextIOWrapper(io.BytesIO(bytes(800))))
        code, _, err = run("stream")
    assert code == 2 and f"{end} is a terminal" in err and err.count("\n") == 1
    assert terminals[end].buffer.getvalue() == b""


def test_a_reader_that_has_gone_is_no_error(run, monkeypatch):
    reading, writing = os.pipe()
    os.close(reading)
    with monkeypatch.context() as patch, os.fdopen(writing, "w") as out:
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(bytes(8000))))
        patch.setattr(sys, "stdout", out)
        code, _, err = run("stream")
    assert code == 0 and len(err.splitlines()) == 2 and "real-time factor" in err


def test_ctrl_c_is_130_and_shows_what_was_measured(run, monkeypatch):
    class Interrupted(io.BytesIO):
        def read(self, size=-1):
            return super().read(size) or _interrupt()

    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdin", io.TextIOWrapper(Interrupted(bytes(8000))))
        patch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO()))
        code, _, err = run("stream")
    assert code == 130 and "real-time factor" in err.splitlines()[-1]


def _interrupt():
    raise KeyboardInterrupt
