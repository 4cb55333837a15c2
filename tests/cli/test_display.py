"""Names and errors reach the terminal whatever they hold and whatever it can show."""

import io
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table

from sottovoce.cli import display


class Terminal(io.TextIOWrapper):
    """A stream that keeps what is written to it; a terminal if it says so."""

    def __init__(self, encoding: str = "utf-8", tty: bool = False) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, newline="\n")
        self.tty = tty

    def isatty(self) -> bool:
        return self.tty

    def shown(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode(self.encoding)  # type: ignore[attr-defined]


@pytest.fixture
def stream(monkeypatch):
    """Replaces stdout and stderr by one stream."""

    def replace(*options) -> Terminal:
        terminal = Terminal(*options)
        monkeypatch.setattr(sys, "stdout", terminal)
        monkeypatch.setattr(sys, "stderr", terminal)
        display.accept_all_characters()
        return terminal

    return replace


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "m?rz.wav → märz…wav"),
        ("cp1252", "m?rz.wav -> märz…wav"),
        ("latin-1", "m?rz.wav -> märz...wav"),
        ("ascii", "m?rz.wav -> m?rz...wav"),
    ],
)
def test_what_an_encoding_lacks_is_spelled_out_or_replaced(stream, encoding: str, shown: str) -> None:
    terminal = stream(encoding)
    display.say("m\udce4rz.wav → märz…wav")
    display.complain("m\udce4rz.wav → märz…wav")
    assert terminal.shown() == f"{shown}\nsottovoce: {shown}\n"


@given(text=st.text(), encoding=st.sampled_from(["utf-8", "ascii", "cp1252", "latin-1", "cp437", "shift_jis"]))
def test_any_text_is_one_line_in_any_encoding(text: str, encoding: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", terminal := Terminal(encoding))
        display.accept_all_characters()
        display.say(text)
        shown = terminal.shown()
    assert shown.endswith("\n") and shown.count("\n") == 1
    assert not any(character < " " or "\x7f" <= character < "\xa0" for character in shown[:-1])


def test_tracebacks_are_shown_with_debug_only(capsys) -> None:
    try:
        raise ValueError("odd")
    except ValueError as error:
        display.complain_of(error)
        plain = capsys.readouterr().err
        token = display.DEBUG.set(True)
        display.complain_of(error)
        display.DEBUG.reset(token)
    assert plain == "sottovoce: unexpected ValueError: odd; --debug shows where\n"
    assert (debugged := capsys.readouterr().err).endswith(plain) and 'raise ValueError("odd")' in debugged


NAME = "[red]" + "long" * 100 + "[/bold] :smile: \\[x]"


def test_tables_in_a_pipe_show_names_whole_and_as_they_are(stream) -> None:
    terminal = stream()
    table = Table("name")
    table.add_row(NAME)
    display.console().print(table)
    display.console().print(NAME)
    assert terminal.shown().count(NAME) == 2


def test_tables_show_on_every_terminal(stream) -> None:
    terminal = stream("ascii", True)
    table = Table("näme")
    table.add_row("→")
    display.console().print(table)
    assert "n?me" in terminal.shown() and "->" in terminal.shown()


def test_progress_takes_any_name_and_is_silent_in_a_pipe(stream, monkeypatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for tty, shown in ((True, True), (False, False)):
        terminal = stream("utf-8", tty)
        with display.progress_bar("[/x]\n.wav") as progress:
            progress(0.5)
        assert ("[/x]?.wav" in terminal.shown()) is shown
