"""The claims, from known means and the table of a report."""

from pathlib import Path

import pytest

from benchmarks.claims import Claim
from benchmarks.committed import Committed
from benchmarks.summary import Summary
from benchmarks.yang2020.claims import paper
from sottovoce.evaluation.tables import Value

ADAPTIVE = """| in front | successes | SNR at which all succeed, dB |
| --- | --- | --- |
| nothing | 9 of 9 | 20.00 |
| unet-at | 8 of 9 | never |
| unet-at-adv | 9 of 9 | 9.50 |
"""


@pytest.fixture
def claims(tmp_path: Path) -> dict[str, Claim]:
    summary, noise = Summary("jobs", "system", "column"), "noise-0 noise-5 noise-10 noise-15"
    for system, pesq in (("nothing", 2.0), ("dnn", 2.5)):
        summary.add(Value(pesq, pesq - 0.1, pesq + 0.1, 40, 40), noise, system, "pesq")
    summary.add(Value(0.9, 0.8, 1.0, 9, 9), "attack-deep-speech-gradient", "nothing", "rosa")
    folder = tmp_path / "yang2020"
    folder.mkdir()
    (folder / "yang2020.csv").write_text(summary.csv(), encoding="utf-8")
    (folder / "yang2020.md").write_text(ADAPTIVE, encoding="utf-8")
    return {claim.what: claim for claim in paper(Committed("yang2020", tmp_path, tmp_path)).claims}


def test_an_enhancer_is_compared_from_no_enhancer(claims: dict[str, Claim]) -> None:
    pesq, *others = claims["dnn on noisy speech, from no enhancer"].figures
    assert (pesq.paper, pesq.ours.mean, pesq.start) == (2.62, 2.5, (1.97, 2.0))
    assert not any(figure.measured for figure in others)


def test_the_gain_in_snr_is_from_the_papers_mixtures(claims: dict[str, Claim]) -> None:
    (gain,) = claims["gain in SNR by unet-at at 0 dB, in dB"].figures
    assert gain.paper == pytest.approx(9.85 + 1.63) and not gain.measured


def test_rates_are_in_percent(claims: dict[str, Claim]) -> None:
    here, elsewhere = claims["RoSA of the gradient attack, no enhancer"].figures
    assert (here.paper, here.ours.mean, here.ours.high) == (90.23, 90.0, 100.0) and not elsewhere.measured


def test_the_adaptive_attacker_must_get_as_much_louder_as_in_the_paper(claims: dict[str, Claim]) -> None:
    claim = next(claim for claim in claims.values() if claim.where == "figure 3")
    plain, trained = claim.figures
    assert (plain.measured, trained.ours.mean, trained.ours.counted, trained.start) == (False, 9.5, 9, (7.63, 20.0))
    assert claim.met(trained) is True  # 10.5 dB; the paper: 9.86
