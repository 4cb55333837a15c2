"""The report of rows that are known."""

from pathlib import Path

from benchmarks.protecting import ORIGINAL
from benchmarks.words.plan import CLEAN, Job, Plan
from benchmarks.words.report import write_report


def test_means_stand_in_their_column_and_what_is_missing_is_left_out(tmp_path: Path) -> None:
    plan = Plan(Path("data"), "test", 2, 0, ("ears",), ("front",))
    rows = {
        Job(plan, ORIGINAL, CLEAN).name: [
            {"file": name, "pesq": float("nan"), "snr": float("nan"), "ears": 0.1, "front+ears": 0.2} for name in "ab"
        ],
        Job(plan, "medium", CLEAN).name: [
            {"file": name, "pesq": 3.5, "snr": 19.5, "ears": rate, "front+ears": 0.7}
            for name, rate in zip("ab", (0.8, 3.0), strict=True)
        ],
    }
    write_report(tmp_path, plan, rows)
    text = (tmp_path / "words.md").read_text()
    assert "|  | original | medium |" in text and "light" not in text.split("##")[1]
    assert "| PESQ-wb, median | – | 3.50 |" in text
    assert "| files protected | – | 2 of 2 |" in text
    assert "| ears | 10 [10, 10] | 90 [80, 100] |" in text
    assert "| ears behind front | 20 [20, 20] | 70 [70, 70] |" in text
    assert "clean,medium,ears,1.9,0.8,3,2,2" in (tmp_path / "words.csv").read_text()
