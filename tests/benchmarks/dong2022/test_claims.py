"""The claims, from rows of known rates."""

import json
from pathlib import Path

import pytest

from benchmarks.claims import Claim
from benchmarks.committed import Committed
from benchmarks.dong2022.claims import paper
from benchmarks.dong2022.plan import MG, SEGAN
from benchmarks.dong2022.published import SNRS


@pytest.fixture
def keep(tmp_path: Path):
    """Keep rows of Whisper's CER behind both enhancers, a rate for each file."""

    def call(job: str, *rates: float) -> None:
        rows = [{f"{name} whisper cer": rate for name in (MG, SEGAN)} for rate in rates]
        folder = tmp_path / "dong2022"
        folder.mkdir(exist_ok=True)
        (folder / f"{job}.json").write_text(json.dumps({"plan": {}, "rows": rows}), encoding="utf-8")

    return call


def found(folder: Path, what: str) -> Claim:
    return next(claim for claim in paper(Committed("dong2022", folder, folder)).claims if what in claim.what)


def test_a_rate_stands_beside_the_one_without_attack_and_a_lost_whisper_counts_100_percent(keep, tmp_path) -> None:
    keep("baseline@8", 0.1, 0.3)
    keep(f"pgd-{MG}-paper-20@8", 0.5, 30.0)
    *missing, last = found(tmp_path, f"pgd on {MG}").figures
    assert (last.label, last.paper, last.ours.mean) == ("8 dB", 65.7, 75.0)
    assert last.start == pytest.approx((4.2, 20.0))
    assert len(missing) == 4 and not any(figure.measured for figure in missing)


def test_transfer_is_the_mean_rise_of_all_snrs_and_nothing_if_one_is_missing(keep, tmp_path) -> None:
    for place, snr in enumerate(SNRS):
        keep(f"baseline@{snr}", 0.1, 0.3)
        if place:
            keep(f"pgd-{SEGAN}-paper-20@{snr}", 0.2, 0.3 + 0.1 * place)
    assert not any(figure.measured for figure in found(tmp_path, "through another").figures)
    keep(f"pgd-{SEGAN}-paper-20@{SNRS[0]}", 0.2, 0.3)
    rises = {figure.label: figure.ours for figure in found(tmp_path, "through another").figures}
    assert rises[f"{SEGAN} → {MG}"].mean == pytest.approx(100 * (0.1 + 0.2) / 2)
    assert rises[f"{SEGAN} → {MG}"].counted == 2 and not rises[f"{MG} → {SEGAN}"].counted
