"""The table of a batch."""

import csv
import io
import os
from pathlib import Path

from sottovoce.cli.summary import Outcome, Row, as_csv
from sottovoce.errors import SottovoceError


def test_any_name_and_reason_comes_back_and_unknown_figures_are_empty() -> None:
    odd = Path(os.fsdecode(b'a, "b"\n\xe4.wav'))
    rows = [Row(odd, Path("ü.wav"), Outcome("line", "restored")), Row(None, None, error=SottovoceError("x: no, not y"))]
    _, *read = csv.reader(io.StringIO(as_csv(rows).decode(), newline=""))
    assert read == [
        ['a, "b"\n\\udce4.wav', "ü.wav", "restored", "", "", ""],
        ["", "", "failed", "", "", "x: no, not y"],
    ]


def test_what_is_doubtful_stands_beside_protected() -> None:
    outcome = Outcome("line", "protected", doubts=("not protected: ears still hears it", "no voice"))
    _, row = csv.reader(io.StringIO(as_csv([Row(Path("a.wav"), Path("b.wav"), outcome)]).decode(), newline=""))
    assert row[2] == "protected" and row[-1] == "not protected: ears still hears it; no voice"
