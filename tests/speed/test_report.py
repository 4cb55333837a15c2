"""The report on speed."""

import pytest
import torch

from sottovoce.speed import attacks, memory, perturbers, report, search
from sottovoce.speed.perturbers import Streamed
from sottovoce.speed.report import PROTECTED, run


@pytest.fixture
def measured(monkeypatch) -> list[tuple[str | int, ...]]:
    """Measurements that take no time; gives the files whose memory was asked for."""
    asked: list[tuple[str | int, ...]] = []

    def peak(protection: str, seconds: int, *options: str) -> float:
        asked.append((protection, seconds, *options))
        return 700.2 if protection == "words" else 500.0

    step = {"milliseconds": 120.4, "ours": 1.02, "foolbox": 1.31, "ART": 1.52}
    monkeypatch.setattr(attacks, "compared", lambda name: step)
    monkeypatch.setattr(attacks, "per_second", lambda name: {"opt": 0.5, "pgd": 0.25})
    monkeypatch.setattr(perturbers, "streamed", lambda: [Streamed(100, 0.05, 5.0, 110.0)])
    monkeypatch.setattr(perturbers, "compared", lambda: (20.0, 3000.0))
    monkeypatch.setattr(memory, "peak", peak)
    monkeypatch.setattr(search, "against_words", lambda *names: names)
    monkeypatch.setattr(search, "against_voice", lambda *names: names)
    monkeypatch.setattr(search, "compared", lambda aim: {"seconds": 3.25 * len(aim), "ratio": 1.05})
    monkeypatch.setattr(report, "usual_listeners", lambda: ["whisper-tiny.en", "whisper-student"])
    monkeypatch.setattr(report, "usual_encoders", lambda: ["ecapa-tdnn"])
    return asked


def test_the_report_holds_what_was_measured(measured, tmp_path) -> None:
    text = run(tmp_path / "speed").read_text()
    assert "| segan | 120 | 1.02 | 1.31 | 1.52 |" in text and "| pgd | metricgan-plus | 0.25 |" in text
    assert "| words | whisper-student | 3.25 | 1.05 |" in text and "| voice | ecapa-tdnn | 3.25 | 1.05 |" in text
    assert "| words | whisper-tiny.en, whisper-student | 6.50 | 1.05 |" in text
    assert "| 60 s | words --effort low | 700 |" in text and "| 600 s | voice --effort low | 500 |" in text
    assert "| 100 | 0.050 | 5.0 | 110 |" in text and "| 20 | 3000 | 150 |" in text
    assert measured == list(PROTECTED)


def test_progress_rises_to_the_end(measured, tmp_path) -> None:
    shares: list[float] = []
    run(tmp_path, shares.append)
    assert shares == sorted(shares) and shares[-1] == 1 and len(shares) == 14


def test_everything_runs_on_one_thread_and_the_number_of_threads_comes_back(measured, tmp_path, monkeypatch) -> None:
    threads: list[int] = []

    def compared(name: str) -> dict[str, float]:
        threads.append(torch.get_num_threads())
        return {"milliseconds": 1.0, "ours": 1.0, "foolbox": 1.0, "ART": 1.0}

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        monkeypatch.setattr(attacks, "compared", compared)
        run(tmp_path)
        assert set(threads) == {1} and torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
