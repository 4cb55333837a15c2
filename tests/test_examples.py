"""The example scripts run offline and show what they promise."""

import runpy
import socket
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
SHOWN = {
    "batch_attack": "OPT, shaped",
    "own_denoiser": "word error rate behind my denoiser",
    "own_objective": "energy below 500 Hz",
    "own_recognizer": "my recogniser writes",
    "restore": "restored to the byte: True",
}


def test_every_example_is_tested() -> None:
    assert sorted(SHOWN) == sorted(path.stem for path in EXAMPLES.glob("*.py"))


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise OSError("nothing is fetched here")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.usefixtures("offline", "low_effort", "no_dnsmos")
def test_it_runs(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
    assert SHOWN[name] in capsys.readouterr().out
