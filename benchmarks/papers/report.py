"""The page of all claims."""

import math
from collections.abc import Iterable
from pathlib import Path

import benchmarks.dong2022.claims as dong2022
import benchmarks.guo2024.claims as guo2024
import benchmarks.wang2020.claims as wang2020
import benchmarks.yang2020.claims as yang2020
from benchmarks.claims import Claim, Figure, Paper
from benchmarks.committed import Committed
from sottovoce.evaluation.tables import MISSING, Value, table

PAPERS = {
    "dong2022": dong2022.paper,
    "yang2020": yang2020.paper,
    "wang2020": wang2020.paper,
    "guo2024": guo2024.paper,
}
HEAD = """# The papers' figures and ours

The headline figures of the [four papers](papers.md) that sottovoce implements, and what our benchmarks measured for
each.

- **Bold** is a figure of ours that is at least as good as the paper's: as high where the line says ↑, as low where it
  says ↓. "8 from 3" is 8 where it was 3 before the paper's method was applied; then the changes are compared.
- Brackets are 95 % bootstrap intervals, n is the number of recordings, clips or trials that a mean counts. A dash
  stands for what was not measured.
- Why ours is worse, or cannot be compared, stands below each table.

Our data and listeners are not the papers' own; each section says what they are. The reports have all tables.

Made by `python -m benchmarks papers` from committed measurements; nothing is measured for it."""
ARROWS = {"higher": " ↑", "lower": " ↓", None: ""}


def load_papers(results: Path, rows: Path) -> list[Paper]:
    """The papers, with what the folders of reports and rows hold of each."""
    return [make(Committed(name, results, rows)) for name, make in PAPERS.items()]


def page(papers: Iterable[Paper]) -> str:
    """The page in Markdown."""
    found = list(papers)
    return "\n\n".join([HEAD, _counted(found), *map(_section, found)]) + "\n"


def _counted(papers: Iterable[Paper]) -> str:
    rows = []
    for paper in papers:
        known = [met for claim in paper.claims for met in _verdicts(claim) if met is not None]
        report = f"[{paper.name}](results/{paper.name}/{paper.name}.md)"
        rows.append([paper.cited, f"{len(known)}", f"{sum(known)}", report])
    return table(["paper", "figures compared", "met", "report"], rows)


def _section(paper: Paper) -> str:
    lines = [line for claim in paper.claims for line in _lines(claim)]
    head = ["in the paper", "measured", "", "paper", "ours", "n"]
    parts = [f"## {paper.cited}", paper.setting, table(head, lines), *_reasons(paper.claims)]
    return "\n\n".join(parts)


def _verdicts(claim: Claim) -> list[bool | None]:
    return [claim.met(figure) for figure in claim.figures]


def _lines(claim: Claim) -> list[list[str]]:
    """A line for each figure; the first says what they are about."""
    titles = [[claim.where, claim.what + ARROWS[claim.better]], *[["", ""]] * (len(claim.figures) - 1)]
    return [
        [*title, figure.label, _theirs(figure, claim.digits), _ours(figure, claim.digits, met), _count(figure)]
        for title, figure, met in zip(titles, claim.figures, _verdicts(claim), strict=True)
    ]


def _reasons(claims: Iterable[Claim]) -> list[str]:
    """Why figures are worse, or cannot be compared: each reason once, with all that it is for."""
    found: dict[str, list[str]] = {}
    for claim in claims:
        if claim.better is None or False in _verdicts(claim):
            found.setdefault(" ".join(claim.reason.split()), []).append(claim.what)
    lines = [f"- *{'; '.join(whats)}*: {reason}" for reason, whats in found.items()]
    return ["Why some are worse, or cannot be compared:", "\n".join(lines)] if lines else []


def _count(figure: Figure) -> str:
    value = figure.ours
    if not figure.measured:
        return MISSING
    return f"{value.counted}" if value.counted == value.total else f"{value.counted} of {value.total}"


def _theirs(figure: Figure, digits: int) -> str:
    start = "" if figure.start is None else f" from {figure.start[0]:.{digits}f}"
    return f"{figure.paper:.{digits}f}{start}"


def _ours(figure: Figure, digits: int, met: bool | None) -> str:
    if not figure.measured:
        return MISSING
    mean = f"{figure.ours.mean:.{digits}f}"
    start = "" if figure.start is None else f" from {figure.start[1]:.{digits}f}"
    return (f"**{mean}**" if met else mean) + _interval(figure.ours, digits) + start


def _interval(value: Value, digits: int) -> str:
    return "" if math.isnan(value.low) else f" [{value.low:.{digits}f}, {value.high:.{digits}f}]"
