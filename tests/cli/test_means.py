"""Means over a folder on the terminal."""

import math

import pandas as pd

from sottovoce.cli.means import show_summary


def line(kind: str, measure: str, mean: float, **more: object) -> dict[str, object]:
    return {
        "kind": kind, "listener": "", "channel": "", "measure": measure, "mean": mean, "low": mean, "high": mean,
        "counted": 2, "total": 3, "infinite": 0, "p_noise_as_loud": math.nan, "p_noise_alike": math.nan, **more,
    }  # fmt: skip


def test_every_measure_stands_once_and_figures_side_by_side(capsys) -> None:
    who = {"listener": "reader", "channel": "echo"}
    lines = [
        line("file", "snr", 20.0, infinite=1),
        line("enhancer", "rpr", 0.5, channel="echo"),
        line("words", "original", 0.1, **who),
        line("words", "protected", 0.95, **who, p_noise_as_loud=0.03125),
        line("words", "noise_as_loud", 0.2, **who),
        line("words", "noise_alike", math.nan, **who),
    ]
    show_summary(pd.DataFrame(lines))
    out = capsys.readouterr().out
    cells = [[cell.strip() for cell in row.strip("│").split("│")] for row in out.splitlines() if row.startswith("│")]
    assert cells == [
        ["snr", "", "20.000", "20.000 to 20.000", "2 of 3, 1 infinite"],
        ["rpr", "echo", "0.500", "0.500 to 0.500", "2 of 3"],
        ["reader", "echo", "10.0 [10.0, 10.0]", "95.0 [95.0, 95.0]", "20.0 [20.0, 20.0]", "–", "0.031", "–", "2 of 3"],
    ]
    assert "voice" not in out and "nan" not in out
    show_summary(pd.DataFrame(lines), ["echo"])
    assert capsys.readouterr().out.count("echo (attacked)") == 2
