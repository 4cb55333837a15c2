"""The report of rows that are complete as far as they go."""

import pytest

from benchmarks.yang2020.plan import Job, Plan, Timing
from benchmarks.yang2020.report import write_report


def test_words_are_pooled_and_utterances_averaged(recognition: Plan, tmp_path) -> None:
    job = Job(recognition, "an4", recognition.recognizer)
    both = {"wer with words": 0.0, "pocketsphinx wer": 1.0}
    rows = [{"words": 1.0, "wer": 1.0, **both}, {"words": 9.0, "wer": 0.0, **both}]
    write_report(tmp_path, recognition, {job.name: rows})
    line = next(line for line in (tmp_path / "yang2020.md").read_text().splitlines() if "100.0 [100.0" in line)
    assert "| 10.0 | 50.0 [" in line


@pytest.mark.parametrize(("success", "told"), [((1.0, 1.0), "| 2 of 2 | 15.00 | 10.00 |"), ((1.0, 0.0), "| never |")])
def test_the_snr_at_which_all_succeed_needs_all_to_succeed(recognition: Plan, tmp_path, success, told) -> None:
    job = Job(recognition, "adaptive", recognition.recognizer)
    rows = [{"snr": snr, "success": met, "suspicions": ""} for snr, met in zip((20.0, 10.0), success, strict=True)]
    write_report(tmp_path, recognition, {job.name: rows})
    assert told in (tmp_path / "yang2020.md").read_text()


def test_times_are_seconds_per_second(recognition: Plan, tmp_path) -> None:
    row = {"recordings": 8.0, "at once": 0.1, "one by one": 0.3, "generations": 2.0}
    write_report(tmp_path, recognition, {Timing(recognition).name: [row]})
    text = (tmp_path / "yang2020.md").read_text()
    assert "| 8 | 0.10 | 0.30 | 3.0 | 2.0 |" in text and "figure-2.png" not in text
