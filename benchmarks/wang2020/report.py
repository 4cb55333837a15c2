"""The commands bench's rows as Markdown and PNG, the paper's values beside ours."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.rows import Row, load_rows
from benchmarks.wang2020 import published
from benchmarks.wang2020.bench import METHODS, Job
from benchmarks.wang2020.figures import draw_errors, draw_matrix
from benchmarks.wang2020.methods import GENERATOR, GRADIENT_SNR, SWARM_EPOCHS
from benchmarks.wang2020.plan import Plan
from benchmarks.wang2020.timing import SEARCHED, THREADS, Timing
from sottovoce.evaluation.tables import MISSING, Value, table
from sottovoce.writing import write_text

SUBJECT = {
    "commands": "Ten keywords of Speech Commands, speakers unseen in training",
    "music": "Ten styles of music, rendered as a stand-in unless GTZAN was given, songs unseen in training",
}


class Results:
    """All rows of a run, by method."""

    def __init__(self, plan: Plan, labels: Sequence[str], rows: dict[str, list[Row]]) -> None:
        self.plan, self.labels, self.rows = plan, labels, rows

    def clean(self) -> list[Row]:
        """The classifier on clean clips."""
        return self.rows.get(Job(self.plan, "", "all").name, [])

    def right(self, method: str, target: str = "") -> list[Row]:
        """What a method made of clips that the classifier gets right, towards one target or all."""
        targets = [target] if target else self.labels
        rows = [row for label in targets for row in self.rows.get(Job(self.plan, method, label).name, [])]
        return [row for row in rows if row["before"] == row["source"]]

    def value(self, rows: Sequence[Row], column: str) -> Value:
        """The mean of a column over the clips, of each clip over its targets; "hit" and "misclassified" are 100 where
        the target is answered, or not the source.
        """
        by_clip: dict[float, list[float]] = {}
        for row in rows:
            by_clip.setdefault(float(row["clip"]), []).append(_number(row, column))
        means = [sum(own) / len(own) for own in by_clip.values()]
        return Value.of(torch.tensor(means, dtype=torch.float64), self.plan.seed)

    def matrix(self) -> NDArray[np.float64]:
        """The generator's hits in % by source and target; NaN on the diagonal and where nothing is known."""
        rates = np.full((len(self.labels), len(self.labels)), np.nan)
        for column, target in enumerate(self.labels):
            rows = self.right(GENERATOR, target)
            for line, source in enumerate(self.labels):
                own = [row["after"] == target for row in rows if row["source"] == source]
                if own:
                    rates[line, column] = 100 * float(np.mean(own))
        return rates


def _number(row: Row, column: str) -> float:
    if column == "hit":
        return 100.0 * (row["after"] == row["target"])
    if column == "misclassified":
        return 100.0 * (row["after"] != row["source"])
    value = float(row[column])
    return value if math.isfinite(value) else math.nan


def write_report(out: Path, plan: Plan, labels: Sequence[str]) -> None:
    """Write `DOMAIN.md` and the figures from `out/rows/`; what is missing there is a dash.

    Raises:
        SottovoceError: a file cannot be written.
    """
    results = Results(plan, labels, load_rows(out))
    matrix = results.matrix()
    sections = [_head(results), _methods(results), _by_target(results), _pairs(results, matrix), _times(results)]
    write_text(out / f"{plan.domain}.md", "\n\n".join(sections) + "\n")
    draw_matrix(matrix, labels, f"Target hits, {plan.domain}").savefig(out / f"matrix-{plan.domain}.png", dpi=110)
    if np.isfinite(matrix).any():
        draw_errors(matrix, plan.domain).savefig(out / f"errors-{plan.domain}.png", dpi=110)


def _head(results: Results) -> str:
    plan, clean = results.plan, results.clean()
    correct = Value.of(torch.tensor([100.0 * (row["source"] == row["before"]) for row in clean]).double(), plan.seed)
    paper = f" (paper: {published.ACCURACY[plan.domain]:.2f} %)" if plan.domain in published.ACCURACY else ""
    return f"""# Targeted clips: {plan.domain}

{SUBJECT[plan.domain]}, from `{plan.corpus.name}`.
The classifier `{plan.victim}` gets {correct.text()} % of {len(clean)} clean clips right{paper}.
Rates count clips that it gets right, all of them written as 16-bit files and read back; 95 % bootstrap intervals over
clips in brackets. "Target hit": the classifier answers the target; "misclassified": anything but the source. Not
counted in a mean (n is how many clips are): the SNR of a clip that a method left as it was, and the PESQ of one in
which PESQ finds no speech.

Made by `sottovoce bench commands --seed {plan.seed} --searched {plan.searched}`."""


def _methods(results: Results) -> str:
    searched = {(row["clip"], row["target"]) for name in METHODS[1:] for row in results.right(name)}
    rows = []
    for name in METHODS:
        own = results.right(name)
        if name == GENERATOR:
            rows.append(_method_row(results, "generator, all clips", own, name))
            own = [row for row in own if (row["clip"], row["target"]) in searched]
            name = "generator, the searches' clips"
        rows.append(_method_row(results, name, own, name.partition(",")[0]))
    head = [
        "method",
        "clips × targets",
        "target hit, %",
        "misclassified, %",
        "SNR, dB",
        "PESQ, raw",
        "queries",
        "s a clip",
        "paper",
    ]
    note = f"""The searches as published, but for the swarm's {SWARM_EPOCHS} epochs; gradient attacks at an SNR of
{GRADIENT_SNR:g} dB. The paper's column: target hit in %, SNR in dB, seconds a clip on a graphics processor."""
    return f"## Methods (table 1)\n\n{note}\n\n{table(head, rows)}"


def _method_row(results: Results, label: str, rows: Sequence[Row], name: str) -> list[str]:
    paper = published.METHODS[results.plan.domain].get(name)
    if not rows:
        return [label, "0", *[MISSING] * 6, ""]
    return [
        label,
        f"{len(rows)}",
        results.value(rows, "hit").text(),
        results.value(rows, "misclassified").text(),
        results.value(rows, "snr").text(),
        results.value(rows, "pesq").text(2),
        f"{results.value(rows, 'queries').mean:.0f}",
        f"{results.value(rows, 'seconds').mean:.3g}",
        f"{paper.success:.2f}, {paper.snr:.2f}, {paper.seconds:g}" if paper else "",
    ]


def _by_target(results: Results) -> str:
    domain, rows = results.plan.domain, []
    for label in results.labels:
        own = results.right(GENERATOR, label)
        rows.append(
            [
                label,
                results.value(own, "hit").text(),
                results.value(own, "snr").text(2),
                results.value(own, "pesq").text(2),
                f"{published.SNR[domain].get(label, float('nan')):.2f}",
                f"{published.PESQ[domain].get(label, float('nan')):.2f}",
            ]
        )
    head = ["target", "target hit, %", "SNR, dB", "PESQ, raw", "SNR, paper", "PESQ, paper"]
    return f"## The generator by target (table 2)\n\n{table(head, rows)}"


def _pairs(results: Results, matrix: NDArray[np.float64]) -> str:
    domain, known = results.plan.domain, matrix[np.isfinite(matrix)]
    text = "no pair is measured"
    if len(known):
        line, column = np.unravel_index(np.nanargmin(matrix), matrix.shape)
        pair = f"{results.labels[int(line)]} → {results.labels[int(column)]}"
        text = (
            f"{len(known)} pairs; the mean over pairs is {known.mean():.1f} %, the worst {known.min():.1f} % ({pair})"
        )
    paper = f"{published.METHODS[domain]['generator'].success:.1f} and {published.WORST_PAIR[domain]:.1f} %"
    return f"""## By source and target (figures 4 to 6)

{text[0].upper()}{text[1:]}; the paper's {paper}.

![Hits by pair](matrix-{domain}.png)

![Errors](errors-{domain}.png)

## A clip (figure 7)

![By the generator and by the genetic search](perturbations-{domain}.png)"""


def _times(results: Results) -> str:
    measured = results.rows.get(Timing(results.plan).name, [])
    rows = [
        [f"one pass of the generator, batch {row['batch']}", f"{float(row['milliseconds']):.1f} ms"]
        for row in measured
        if "batch" in row
    ]
    rows += [
        [f"{row['search']} search, one by one ÷ at once", f"{float(row['ratio']):.1f}"]
        for row in measured
        if "search" in row
    ]
    note = f"On {THREADS} threads; searches for {SEARCHED} clips. The paper's generator: 9 ms on a Titan X."
    return f"## Time\n\n{note}\n\n{table(['', 'time or ratio'], rows)}"
