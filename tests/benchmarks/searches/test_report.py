"""The report, from rows of one domain."""

import csv

from benchmarks.searches.report import write_report
from benchmarks.wang2020.plan import MATCHED, Job, Plan
from benchmarks.wang2020.results import Results


def row(clip: float, after: str) -> dict[str, float | str]:
    """A clip that was attacked towards "up"."""
    figures = {"clip": clip, "snr": 16.0, "pesq": 2.5, "queries": 100.0, "seconds": 0.5}
    return {**figures, "source": "down", "target": "up", "before": "down", "after": after}


def test_each_search_is_a_line_beside_the_paper(tmp_path) -> None:
    plan = Plan("commands", tmp_path / "commands.csv", "wide-resnet", "advgan")
    rows = {Job(plan, MATCHED["swarm"], "up").name: [row(0, "up"), row(1, "down")]}
    write_report(tmp_path, Results(plan, ("down", "up"), rows))
    text = (tmp_path / "searches.md").read_text()
    assert "| swarm | 2 | 50.0" in text and "| 100 [100, 100] | 0.5 [0.5, 0.5] | 89.25, 17.57, 368.29 |" in text
    assert "| genetic | 0 | – |" in text
    lines = list(csv.DictReader((tmp_path / "searches.csv").open()))
    assert [line["mean"] for line in lines if line["method"] == "swarm, matched" and line["column"] == "hit"] == ["50"]
