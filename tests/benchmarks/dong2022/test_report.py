"""The report, from rows that exist and rows that do not."""

from pathlib import Path

from benchmarks.dong2022.plan import MG, TABLES, Plan
from benchmarks.dong2022.report import write_report


def test_the_report_holds_the_means_beside_the_papers_and_a_dash_for_what_is_missing(rows, tmp_path: Path) -> None:
    write_report(tmp_path, Plan(Path("data"), count=3, seed=9), rows)
    text = (tmp_path / "dong2022.md").read_text()
    line = next(
        line for line in text.splitlines() if line.startswith("| opt on metricgan-plus (ours") and "| CER |" in line
    )
    assert line.endswith("| – | – | – | – | 75.0 [75.0, 75.0] |")
    assert "| 50.0 [50.0, 50.0] |" in text  # DE: 75 % less 25 %
    published = "| opt on metricgan-plus (published steps) | Dong et al. | 76.7 | 88.4 | 90.8 | 79.5 | 93.5 |"
    assert published in text
    assert "2.500 [2.500, 2.500]" in text
    assert "python -m benchmarks dong2022 --data DATA --count 3 --seed 9" in text
    assert {"figure-3.png", "figure-4.png", "trade-off.png", "dong2022.csv"} <= {p.name for p in tmp_path.iterdir()}
    assert f"{TABLES[0].slug}@8,{MG} cer,0.75,0.75,0.75,3,3" in (tmp_path / "dong2022.csv").read_text()
