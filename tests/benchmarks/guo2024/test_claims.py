"""The claims, from rows of known rates."""

import json
from pathlib import Path

import pytest

from benchmarks.committed import Committed
from benchmarks.guo2024.claims import paper


def eer(condition: str, rate: float, trials: str = "per utterance") -> dict[str, float | str]:
    who = {"encoder": "ecapa-tdnn", "sex": "men", "trials": trials}
    return who | {"condition": condition, "eer": rate, "low": rate - 0.01, "high": rate + 0.01, "targets": 45.0}


@pytest.fixture
def committed(tmp_path: Path) -> Committed:
    (tmp_path / "guo2024").mkdir()
    jobs = {
        "rec": [eer("rec-rec", 0.5, "per speaker"), eer("rec-rec", 0.04), {"whisper wer": 0.05}],
        "adv-ssed-ecapa-tdnn": [eer("rec-adv", 0.3), eer("adv-adv", 0.2), {"snr": 30.0}, {"snr": 40.0}],
        "ref-ssed-ecapa-tdnn": [eer("rec-ref", 0.04), {"snr": 51.0}],
    }
    for job, rows in jobs.items():
        path = tmp_path / "guo2024" / f"{job}@librispeech-test-clean.json"
        path.write_text(json.dumps({"plan": {}, "rows": rows}), encoding="utf-8")
    return Committed("guo2024", tmp_path, tmp_path)


def test_error_rates_are_those_of_the_condition_the_sex_and_the_list(committed: Committed) -> None:
    claims = {claim.what: claim for claim in paper(committed).claims}
    men, women = claims["EER, adv-adv, white box"].figures
    assert (men.paper, men.ours.mean, men.ours.counted) == (13.69, 20.0, 45)
    assert men.start == pytest.approx((1.21, 4.0)) and not women.measured


def test_refined_recordings_stand_beside_the_papers_restored_ones(committed: Committed) -> None:
    claims = {claim.what: claim for claim in paper(committed).claims}
    by_label = {figure.label: figure for figure in claims["EER, rec-rst, white box"].figures}
    assert by_label["men, refined"].paper == 1.21 and by_label["men, refined"].ours.mean == 4.0
    assert not by_label["men"].measured
    one_pass, refined = claims["SNR of restored recordings, in dB"].figures
    assert (refined.paper, refined.ours.mean, one_pass.ours.counted) == (50.29, 51.0, 0)


def test_signals_are_means_over_recordings(committed: Committed) -> None:
    (snr,) = next(claim for claim in paper(committed).claims if claim.what.startswith("SNR of protected")).figures
    assert (snr.paper, snr.ours.mean, snr.ours.counted) == (32.44, 35.0, 2)
