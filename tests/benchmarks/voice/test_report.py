"""The report of rows that are known."""

from pathlib import Path

from benchmarks.protecting import ORIGINAL
from benchmarks.voice.plan import Job, Plan
from benchmarks.voice.report import write_report


def rates(encoder: str, eer: float, channel: str = "") -> dict[str, float | str]:
    return {"encoder": encoder, "channel": channel, "eer": eer, "low": eer - 0.05, "high": eer + 0.05, "cosine": 0.5}


def test_rates_of_encoders_that_were_never_attacked_are_bold(tmp_path: Path) -> None:
    plan = Plan(Path("data"), "test", 2, 0, ("campplus", "resemblyzer"), ("ears",))
    quality = [{"file": name, "pesq": 3.5, "snr": 19.5, "ears": rate} for name, rate in (("a", 0.0), ("b", 0.2))]
    silent = [{"file": name, "pesq": float("nan"), "snr": float("nan"), "ears": 0.1} for name in "ab"]
    rows = {
        Job(plan, ORIGINAL).name: [*silent, rates("campplus", 0.05), rates("resemblyzer", 0.06)],
        Job(plan, "medium").name: [*quality, rates("resemblyzer", 0.3), rates("resemblyzer", 0.2, "mp3")],
        Job(plan, "all but resemblyzer").name: [*quality, rates("resemblyzer", 0.6)],
    }
    write_report(tmp_path, plan, rows)
    text = (tmp_path / "voice.md").read_text()
    assert "|  | original | medium | all but resemblyzer |" in text and "| PESQ-wb, median | – | 3.50 | 3.50 |" in text
    assert "| EER of resemblyzer | 6 [1, 11] | 30 [25, 35] | **60** [55, 65] |" in text
    assert "| EER of resemblyzer after mp3 | – | 20 [15, 25] | – |" in text
    assert "| EER of campplus | 5 [0, 10] | – | – |" in text
    assert "| WER of ears | 10.0 [10.0, 10.0] | 10.0 [0.0, 20.0] | 10.0 [0.0, 20.0] |" in text
    assert "medium,resemblyzer,mp3,0.2,0.15" in (tmp_path / "voice.csv").read_text()
