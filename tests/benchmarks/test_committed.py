"""What is read of a benchmark's means, rows and report."""

import math
from pathlib import Path

import pytest

from benchmarks.claims import UNMEASURED
from benchmarks.committed import Committed
from benchmarks.summary import Summary
from sottovoce.errors import SottovoceError
from sottovoce.evaluation.tables import MISSING, Value

REPORT = """# A report

| in front | SNR, dB |
| --- | --- |
| nothing | 1.5 |

|  | successes | SNR at which all succeed, dB |
| --- | --- | --- |
| nothing | 9 of 9 | 19.55 |
| unet-at | 8 of 9 | never |
"""


@pytest.fixture
def committed(tmp_path: Path) -> Committed:
    summary = Summary("job", "column")
    summary.add(Value(0.5, 0.25, 0.75, 8, 9), "attack", "wer, mean")
    folder, rows = tmp_path / "results" / "paper", tmp_path / "rows" / "paper"
    folder.mkdir(parents=True)
    rows.mkdir(parents=True)
    (folder / "paper.csv").write_text(summary.csv(), encoding="utf-8")
    (folder / "paper.md").write_text(REPORT, encoding="utf-8")
    (rows / "attack.json").write_text('{"plan": {"version": "0.0.1"}, "rows": [{"wer": 0.5}]}', encoding="utf-8")
    return Committed("paper", tmp_path / "results", tmp_path / "rows")


def test_means_are_found_by_their_labels(committed: Committed) -> None:
    assert committed.mean("attack", "wer, mean") == Value(0.5, 0.25, 0.75, 8, 9)
    assert committed.percentage("attack", "wer, mean") == Value(50.0, 25.0, 75.0, 8, 9)
    assert committed.mean("attack", "cer") is UNMEASURED


def test_rows_are_read_whatever_their_plan(committed: Committed) -> None:
    assert committed.rows() == {"attack": [{"wer": 0.5}]}


def test_a_cell_is_that_of_the_table_with_the_column(committed: Committed) -> None:
    assert committed.cell("nothing", "SNR at which all succeed, dB") == "19.55"
    assert committed.cell("nothing", "SNR, dB") == "1.5"
    assert committed.cell("dnn", "SNR, dB") == committed.cell("nothing", "PESQ") == MISSING


def test_a_cell_without_a_number_counts_nothing(committed: Committed) -> None:
    found = committed.number("nothing", "SNR at which all succeed, dB", 9)
    assert (found.mean, found.counted) == (19.55, 9) and math.isnan(found.low)
    assert committed.number("unet-at", "SNR at which all succeed, dB", 9) is UNMEASURED


def test_nothing_need_be_there(tmp_path: Path) -> None:
    nothing = Committed("paper", tmp_path, tmp_path)
    assert nothing.mean("attack", "wer") is UNMEASURED
    assert nothing.rows() == {}
    assert nothing.cell("nothing", "SNR, dB") == MISSING


def test_a_file_that_holds_no_rows_is_named(committed: Committed, tmp_path: Path) -> None:
    (tmp_path / "rows" / "paper" / "attack.json").write_text("{}", encoding="utf-8")
    with pytest.raises(SottovoceError, match=r"attack\.json"):
        committed.rows()
