"""The claims, from known means."""

from pathlib import Path

import pytest

from benchmarks.claims import Figure
from benchmarks.committed import Committed
from benchmarks.summary import Summary
from benchmarks.wang2020.claims import paper
from sottovoce.evaluation.tables import Value


@pytest.fixture
def figures(tmp_path: Path) -> dict[str, tuple[Figure, ...]]:
    """The figures of each claim; only the music's genetic search was measured."""
    summary = Summary("domain", "method", "clips", "target", "column")
    summary.add(Value(7.5, 1.0, 16.0, 10, 10), "music", "genetic", "searched", "", "hit")
    (tmp_path / "wang2020").mkdir()
    (tmp_path / "wang2020" / "wang2020.csv").write_text(summary.csv(), encoding="utf-8")
    return {claim.what: claim.figures for claim in paper(Committed("wang2020", tmp_path, tmp_path)).claims}


@pytest.mark.parametrize(("domain", "mean"), [("keywords", 3.087), ("music", 3.947)])
def test_the_papers_pesq_is_the_mean_that_it_states(figures, domain: str, mean: float) -> None:
    _, pesq = figures[f"{domain}: quality of the generator's clips"]
    assert pesq.paper == pytest.approx(mean, abs=5e-4)


def test_a_search_is_found_in_its_domain(figures) -> None:
    genetic, swarm = figures["music: target hits of the searches, in %"]
    assert (genetic.label, genetic.paper, genetic.ours.mean, genetic.ours.counted) == ("genetic", 82.76, 7.5, 10)
    assert (swarm.label, swarm.paper, swarm.measured) == ("swarm", 89.10, False)
    assert not any(figure.measured for figure in figures["keywords: target hits of the searches, in %"])
