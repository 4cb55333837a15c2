"""How the program starts, and how it ends."""

import pytest

from sottovoce import __version__


def test_version(run):
    assert run("--version") == (0, f"sottovoce {__version__}\n", "")


def test_without_a_command_it_shows_its_help(run):
    code, out, err = run()
    assert code == 2 and all(name in out + err for name in ("protect", "restore", "verify", "train"))


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
