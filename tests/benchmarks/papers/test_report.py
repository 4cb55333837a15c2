"""The page of all claims."""

import csv
from pathlib import Path

import pytest

from benchmarks.claims import UNMEASURED, Claim, Figure, Paper
from benchmarks.options import RESULTS, ROWS
from benchmarks.papers.command import PAGE
from benchmarks.papers.report import load_papers, page
from sottovoce.evaluation.tables import Value

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def papers() -> list[Paper]:
    """The papers, with what is in the repository."""
    return load_papers(ROOT / RESULTS, ROOT / ROWS)


def shown(*figures: Figure, **claim: object) -> tuple[list[str], str]:
    """The lines of a claim on a page of its own, and what follows its table."""
    settings = {"better": "higher", "reason": "A reason,\nin two lines.", "digits": 1} | claim
    made = Claim("table 1", "SNR, dB", figures, **settings)
    _, section = page([Paper("name", "Someone (2020)", "Data.", [made])]).split("## Someone (2020)")
    table, _, after = section.partition("| --- | --- | --- | --- | --- | --- |\n")[2].partition("\n\n")
    return table.splitlines(), after


def ours(mean: float, counted: int = 9) -> Value:
    return Value(mean, mean - 1, mean + 1, counted, 9)


def test_the_committed_page_is_what_the_command_makes(papers: list[Paper]) -> None:
    assert page(papers) == (ROOT / PAGE).read_text(encoding="utf-8"), "run python -m benchmarks papers"


def test_every_paper_has_its_headline_figures(papers: list[Paper]) -> None:
    assert [paper.name for paper in papers] == ["dong2022", "yang2020", "wang2020", "guo2024"]
    assert all(5 <= len(paper.claims) <= 12 for paper in papers)


def test_what_is_worse_than_published_or_cannot_be_compared_has_a_reason(papers: list[Paper]) -> None:
    claims = [claim for paper in papers for claim in paper.claims]
    silent = [c.what for c in claims if not c.reason and (c.better is None or False in map(c.met, c.figures))]
    assert not silent


def test_figures_of_ours_come_from_the_committed_means(papers: list[Paper]) -> None:
    """Read in another way: the generator's target hits, in the table of means."""
    with (ROOT / RESULTS / "wang2020" / "wang2020.csv").open(encoding="utf-8", newline="") as file:
        (hits,) = (
            row
            for row in csv.DictReader(file)
            if [row[key] for key in ("domain", "method", "clips", "target", "column")]
            == ["commands", "generator", "all", "", "hit"]
        )
    wang = next(paper for paper in papers if paper.name == "wang2020")
    (figure,) = next(claim for claim in wang.claims if "target hits of the generator" in claim.what).figures
    assert (figure.ours.mean, figure.ours.counted) == (float(hits["mean"]), int(hits["counted"]))


def test_without_measurements_there_are_dashes_and_nothing_is_met(tmp_path: Path) -> None:
    text = page(load_papers(tmp_path, tmp_path))
    lines = [cells.strip("| ").split(" | ") for cells in text.split("##", 1)[1].splitlines() if cells[:2] == "| "]
    counted = [cells for cells in lines if cells[0] not in ("in the paper", "---")]
    assert len(counted) > 80 and "**" not in text.split("##", 1)[1]
    assert {tuple(cells[-2:]) for cells in counted} == {("–", "–")}


REASON = "Why some are worse, or cannot be compared:\n\n- *SNR, dB*: A reason, in two lines.\n"


def test_what_is_as_good_is_bold_and_has_no_reason() -> None:
    assert shown(Figure(3.0, ours(3.0))) == (["| table 1 | SNR, dB ↑ |  | 3.0 | **3.0** [2.0, 4.0] | 9 |"], "")
    assert shown(Figure(3.0, ours(2.0)), better="lower") == (
        ["| table 1 | SNR, dB ↓ |  | 3.0 | **2.0** [1.0, 3.0] | 9 |"],
        "",
    )


def test_what_is_worse_is_plain_and_has_its_reason_in_one_line() -> None:
    assert shown(Figure(3.0, ours(2.0))) == (["| table 1 | SNR, dB ↑ |  | 3.0 | 2.0 [1.0, 3.0] | 9 |"], REASON)
    assert shown(Figure(3.0, ours(4.0)), better="lower")[1] == REASON


def test_what_cannot_be_compared_is_shown_with_its_reason() -> None:
    lines, after = shown(Figure(3.0, ours(4.0)), better=None)
    assert lines == ["| table 1 | SNR, dB |  | 3.0 | 4.0 [3.0, 5.0] | 9 |"] and after == REASON


def test_every_figure_has_a_line_and_the_first_says_what_they_are_about() -> None:
    figures = (
        Figure(3.0, ours(4.0), "a", (2.0, 1.0)),
        Figure(3.0, ours(2.0, 8), "b"),
        Figure(3.0, UNMEASURED, "c"),
    )
    assert shown(*figures) == (
        [
            "| table 1 | SNR, dB ↑ | a | 3.0 from 2.0 | **4.0** [3.0, 5.0] from 1.0 | 9 |",
            "|  |  | b | 3.0 | 2.0 [1.0, 3.0] | 8 of 9 |",
            "|  |  | c | 3.0 | – | – |",
        ],
        REASON,
    )


def test_claims_share_a_reason() -> None:
    claims = [Claim("text", what, (Figure(3.0, ours(2.0)),), "higher", "It is so.") for what in ("one", "another")]
    assert page([Paper("name", "Someone (2020)", "Data.", claims)]).endswith("\n- *one; another*: It is so.\n")


def test_what_has_no_interval_is_shown_without() -> None:
    nan = float("nan")
    ((line,), _) = shown(Figure(3.0, Value(4.0, nan, nan, 9, 9)))
    assert line.endswith("| 3.0 | **4.0** | 9 |")
