"""The report, from rows that exist and rows that do not."""

from benchmarks.guo2024.plan import CORPORA, PER_UTTERANCE, Job
from benchmarks.guo2024.report import write_report
from benchmarks.guo2024.signals import Signal


def test_the_report_shows_what_is_there_and_a_dash_for_what_is_not(plan, tmp_path) -> None:
    job = Job(plan, CORPORA[0], Signal("adv", plan.models[0]))
    quality = {"file": "a", "snr": 32.5, "pesq": 3.75, "pitch": 0.999, "text": "A", "wer": 0.5}
    voice = {"encoder": "encoder", "trials": PER_UTTERANCE, "condition": "rec-adv", "sex": "men"}
    rates = {"eer": 0.256, "low": 0.2, "high": 0.3, "min dcf": 1.0, "targets": 8.0, "others": 16.0}
    exact = Job(plan, CORPORA[1], None)
    restored = {"identical": 1.0, "companion": 2048.0, "encrypted original": 4096.0}
    write_report(tmp_path, plan, {job.name: [quality, quality, voice | rates], exact.name: [restored] * 5})
    text = (tmp_path / "guo2024.md").read_text()
    row = next(line for line in text.splitlines() if "rec-adv" in line and line.count("25.60"))
    assert "25.60 [20.0, 30.0]" in row and row.rstrip(" |").endswith("–")
    assert "| ssed | encoder | librispeech-test-clean | rec-adv |" in row  # models by their names, not their paths
    assert "| adv | 32.50 [32.50, 32.50] | 3.75" in text
    assert "| Guo et al. | white box | librispeech-test-clean | rec-adv | 18.62 | 9.27 |" in text
    assert "| librispeech-test-other | 5 of 5 | 2 | 4 |" in text
    assert "| librispeech-test-clean | – | – | – |" in text
    assert (
        "--generator ssed --attacker attacker" in text and "/" not in text.partition("--generator")[2].splitlines()[0]
    )
    assert (tmp_path / "guo2024.csv").read_text().count("\n") == 2
