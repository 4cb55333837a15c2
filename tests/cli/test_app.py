"""How the program starts, and how it ends."""

import os
import subprocess
import sys

import pytest

from sottovoce import __version__
from sottovoce.errors import SottovoceError
from sottovoce.reversible import keys


def test_version(run):
    assert run("--version") == (0, f"sottovoce {__version__}\n", "")


def test_without_a_command_it_shows_its_help(run):
    code, out, err = run()
    shown = out + err
    assert code == 2 and all(name in shown for name in ("restore", "verify", "train"))
    assert shown.index("Protect what is said") < shown.index("Restore the original")  # the main command comes first


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("protct",), "protect"),
        (("protect", "words"), "Missing"),
        (("protect", "word", "x.wav"), "words"),
        (("restore", "x.wav"), "--output"),
        (("protect", "words", "x.wav", "-o", "y.wav", "--snr", "loud"), "--snr"),
    ],
)
def test_a_command_line_that_is_not_understood_gets_one_line(run, words, part):
    code, out, err = run(*words)
    assert code == 2 and out == ""
    assert err.startswith("sottovoce: ") and err.count("\n") == 1 and part in err and "--help" in err


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (SottovoceError("k: no"), "k: no"),
        (ValueError("odd"), "unexpected ValueError: odd; --debug shows where"),
        (MemoryError(), "out of memory; use a shorter recording, or another machine"),
    ],
)
def test_errors_are_one_line_and_a_traceback_on_request(run, monkeypatch, tmp_path, error, line):
    def fail(path):
        raise error

    monkeypatch.setattr(keys, "keygen", fail)
    assert run("keygen", tmp_path / "k") == (2, "", f"sottovoce: {line}\n")
    code, _, err = run("--debug", "keygen", tmp_path / "k")
    assert code == 2 and err.endswith(f"sottovoce: {line}\n") and "raise error" in err
    assert run("keygen", tmp_path / "k") == (2, "", f"sottovoce: {line}\n")


def test_ctrl_c_ends_it_with_130(run, monkeypatch, tmp_path):
    def interrupt(path):
        raise KeyboardInterrupt

    monkeypatch.setattr(keys, "keygen", interrupt)
    assert run("keygen", tmp_path / "k")[0] == 130


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8"])
def test_it_writes_to_a_pipe_of_any_encoding(sound, tiny, tmp_path, encoding):
    for name in ("in/a.wav", "in/b.wav"):
        sound(name, seconds=0.2)
    command = [
        sys.executable,
        "-c",
        "from sottovoce.cli import main; main()",
        "enhance",
        "in",
        "-o",
        "out",
        "--with",
        tiny,
    ]
    environment = os.environ | {"PYTHONIOENCODING": encoding, "OMP_NUM_THREADS": "1"}
    outcome = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
    arrow = "→" if encoding == "utf-8" else "->"
    lines = [f"{os.path.join('in', name)} {arrow} {os.path.join('out', name)}: enhanced" for name in ("a.wav", "b.wav")]
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.decode(encoding).splitlines() == lines
