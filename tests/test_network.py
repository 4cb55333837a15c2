"""Nothing is sent and nothing is asked for: no telemetry, no look for news, no download that nobody wanted."""

import ctypes
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.resources import as_file, files
from pathlib import Path

import pytest
import soundfile

from tests import alone

OWN = {".cache/fontconfig", ".cache/matplotlib", ".config/matplotlib"}
"""What libraries may leave in a home folder: lists of the fonts there are."""


def attempt() -> None:
    """Reach for a network as the interpreter does, and as a library in C does."""
    with suppress(OSError):
        socket.create_connection(("192.0.2.1", 80))
    library = ctypes.CDLL(None)
    handle = library.socket(socket.AF_INET, socket.SOCK_DGRAM, 0)
    address = socket.AF_INET.to_bytes(2, "little") + (80).to_bytes(2, "big") + bytes([192, 0, 2, 1]) + bytes(8)
    library.connect(handle, address, len(address))


def work() -> None:
    """Do in a folder what people do: hide words and voices, measure, restore."""
    folder = Path(sys.argv[1])
    key = folder / "a.key"
    typed("keygen", key)
    for name in ("words", "voice"):
        out = folder / f"{name}-out" / "in.wav"
        out.parent.mkdir()
        typed("protect", name, folder / name / "in.wav", "-o", out, "--effort", "low", "--key", key)
        typed("restore", out, "-o", folder / f"{name}-again.wav", "--key", key)
    typed("verify", folder / "voice" / "in.wav", out, "--report", folder / "report", "--listeners", "wave-unet")


def typed(*words: str | Path) -> None:
    """Run a command line."""
    from sottovoce.cli import main

    sys.argv = ["sottovoce", *map(str, words)]
    try:
        main()
    except SystemExit as end:
        assert not end.code, words


def open_page() -> None:
    """Make the page, which is all that happens until somebody opens it."""
    from sottovoce.web.server import application
    from sottovoce.web.sessions import Sessions

    with Sessions() as sessions:
        application(sessions, "127.0.0.1", None)


@pytest.fixture
def nothing(tmp_path: Path) -> Callable[..., None]:
    """Runs a program, and sees that it reached for nothing and left no marks by which it would be known again."""
    home = tmp_path / "home"
    home.mkdir()

    def check(program: str, *arguments: str | Path) -> None:
        tried = alone.run(program, *arguments, home=home)
        assert tried.status == 0, tried.said
        assert tried.calls == [] and tried.packets in (0, None)
        left = {"/".join(path.relative_to(home).parts[:2]) for path in home.rglob("*") if path.is_file()}
        assert {each for each in left if not each.startswith(".local")} <= OWN

    return check


def test_attempts_are_seen(tmp_path: Path) -> None:
    tried = alone.run("tests.test_network:attempt", home=tmp_path)
    assert tried.status == 0 and len(tried.calls) == 1
    assert tried.packets in (1, None), "the library's; the interpreter's was refused"


def test_protecting_measuring_and_restoring_reach_for_nothing(nothing, tmp_path) -> None:
    folder = tmp_path / "work"
    with as_file(files("sottovoce") / "data" / "demo.wav") as demo:
        samples, rate = soundfile.read(demo, frames=24_000)
    for name in ("words", "voice"):
        (folder / name).mkdir(parents=True)
        soundfile.write(folder / name / "in.wav", samples, rate)
    nothing("tests.test_network:work", folder)
    for name in ("words", "voice"):
        again = (folder / f"{name}-again.wav").read_bytes()
        assert again == (folder / name / "in.wav").read_bytes() != (folder / f"{name}-out" / "in.wav").read_bytes()
    assert (folder / "report" / "in.wav.json").is_file()


def test_the_page_reaches_for_nothing_before_it_is_opened(nothing) -> None:
    nothing("tests.test_network:open_page")
