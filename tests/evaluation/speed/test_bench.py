"""The speed bench's report, from rows that are there and rows that are not."""

import json

from sottovoce.evaluation.speed import bench

OF_SSED = {
    "streamed": [{"chunk": 100.0, "factor": 0.05, "lookahead": 5.0, "latency": 110.0}],
    "beside-pgd": [{"pass": 20.0, "pgd": 3000.0}],
}


def test_the_report_holds_what_was_measured(tmp_path, monkeypatch) -> None:
    (tmp_path / "rows").mkdir()
    step = {"victim": "segan", "milliseconds": 120.4, "ours": 1.02, "foolbox": 1.31, "ART": 1.52}
    for name, rows in {"step-segan": [step], "memory-60": [{"seconds": 60.0, "MiB": 700.2}], **OF_SSED}.items():
        (tmp_path / "rows" / f"{name}.json").write_text(json.dumps(rows))
    monkeypatch.setattr(bench, "jobs", list)
    bench.run(tmp_path)
    text = (tmp_path / "speed.md").read_text()
    assert "| segan | 120 | 1.02 | 1.31 | 1.52 |" in text
    assert "| 60 s | enhancer | 700 |" in text and "| 600 s | enhancer | – |" in text
    assert "| 100 | 0.050 | 5.0 | 110 |" in text and "| 20 | 3000 | 150 |" in text


def test_names_are_unique() -> None:
    names = [job.name for job in bench.jobs()]
    assert len(set(names)) == len(names) == 10
