"""The report: Markdown, CSV and figures of all domains, with the published values beside ours."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.recordings import from_text
from benchmarks.rows import Row, stem
from benchmarks.wang2020 import published
from benchmarks.wang2020.figures import draw_errors, draw_matrix, draw_perturbations
from benchmarks.wang2020.plan import GENERATOR, GRADIENT_SNR, METHODS, SEARCHED, SWARM_EPOCHS, THREADS
from benchmarks.wang2020.results import Results
from sottovoce.evaluation.tables import MISSING, table
from sottovoce.writing import make_folder, write_text

PAPER = "Wang et al."
TITLE = {"commands": "Keywords", "music": "Music"}
SUBJECT = {
    "commands": "Ten keywords of Speech Commands, spoken by speakers unseen in training",
    "music": "Ten styles of music, songs unseen in training (rendered from rules unless GTZAN was given)",
}


def write_report(out: Path, found: Sequence[Results]) -> None:
    """Write `wang2020.md`, `wang2020.csv` and the figures; a dash stands for what was not measured.

    Raises:
        SottovoceError: a file cannot be written.
    """
    make_folder(out)
    matrices = {results.plan.domain: results.matrix() for results in found}
    sections = [_head(found)]
    for results in found:
        domain = results.plan.domain
        sections += [
            _domain(results),
            _methods(results),
            _by_target(results),
            _pairs(results, matrices[domain]),
            *_families(results),
            _times(results),
        ]
        _draw(out, results, matrices[domain])
    known = {domain: matrix for domain, matrix in matrices.items() if np.isfinite(matrix).any()}
    if known:
        draw_errors(known).savefig(out / "errors.png", dpi=110)
        sections.append("## Errors by pair of source and target (figure 6)\n\n![Errors](errors.png)")
    write_text(out / "wang2020.md", "\n\n".join(sections) + "\n")
    head, *lines = "".join(results.summary.csv() for results in found).splitlines(keepends=True)
    write_text(out / "wang2020.csv", head + "".join(line for line in lines if line != head))


def _draw(out: Path, results: Results, matrix: NDArray[np.float64]) -> None:
    domain, example = results.plan.domain, results.example()
    draw_matrix(matrix, results.labels, f"Target hits, {domain}").savefig(out / f"matrix-{domain}.png", dpi=110)
    if example:
        original, *made = ((str(row["signal"]), from_text(str(row["samples"]))) for row in example)
        title = f"{example[0]['source']} → {example[0]['target']}"
        draw_perturbations(original[1], dict(made), title).savefig(out / f"perturbations-{domain}.png", dpi=90)


def _head(found: Sequence[Results]) -> str:
    plan = found[0].plan
    music = " --music MUSIC" if any(results.plan.domain == "music" for results in found) else ""
    return f"""# Targeted attacks on classifiers

A comparison with Wang et al. (2020). Rates count the clips that the classifier gets right; every perturbed clip is
written as a 16-bit file and read back. 95 % bootstrap intervals over clips in brackets. A "target hit" is a clip that
is classified as the target, a "misclassified" one is classified as anything but its source. Means do not count the SNR
of a clip that a method left unchanged, nor the PESQ of one in which PESQ finds no speech; n is the number of clips that
count. A dash stands for what was not measured.

The searches run as published, except that the swarm has {SWARM_EPOCHS} epochs. The gradient attacks keep an SNR of
{GRADIENT_SNR:g} dB. The column "{PAPER}" has target hits in %, SNR in dB and seconds per clip on a GPU.

Made by `python -m benchmarks wang2020 --data DATA{music} --searched {plan.searched} --seed {plan.seed}`."""


def _domain(results: Results) -> str:
    plan, right = results.plan, results.accuracy().text()
    paper = f" ({PAPER}: {published.ACCURACY[plan.domain]:.2f} %)" if plan.domain in published.ACCURACY else ""
    return f"""## {TITLE[plan.domain]}

{SUBJECT[plan.domain]}.
The classifier `{plan.classifier}` gets {right} % of {len(results.clean())} clean clips right{paper}."""


def _methods(results: Results) -> str:
    searched = {(row["clip"], row["target"]) for name in METHODS[1:] for row in results.right(name)}
    rows = []
    for name in METHODS:
        own, clips = results.right(name), "searched"
        if name == GENERATOR:
            rows.append(_method_row(results, "generator, all clips", own, name, "all"))
            own = [row for row in own if (row["clip"], row["target"]) in searched]
        label = "generator, same clips as below" if name == GENERATOR else name
        rows.append(_method_row(results, label, own, name, clips))
    head = ["method", "clips × targets", "target hits, %", "misclassified, %", "SNR, dB", "PESQ, raw", "queries"]
    return f"### Methods (table 1)\n\n{table([*head, 's per clip', PAPER], rows)}"


def _method_row(results: Results, label: str, rows: Sequence[Row], name: str, clips: str) -> list[str]:
    paper = published.METHODS[results.plan.domain].get(name)
    if not rows:
        return [label, "0", *[MISSING] * 6, ""]
    means = {
        column: results.mean(rows, column, name, clips)
        for column in ("hit", "misclassified", "snr", "pesq", "queries", "seconds")
    }
    return [
        label,
        f"{len(rows)}",
        *(means[column].text() for column in ("hit", "misclassified", "snr")),
        means["pesq"].text(2),
        f"{means['queries'].mean:.0f}",
        f"{means['seconds'].mean:.3g}",
        f"{paper.success:.2f}, {paper.snr:.2f}, {paper.seconds:g}" if paper else "",
    ]


def _by_target(results: Results) -> str:
    domain, rows = results.plan.domain, []
    for label in results.labels:
        own = results.right(GENERATOR, label)
        means = (
            results.mean(own, column, GENERATOR, "all", label).text(digits)
            for column, digits in (("hit", 1), ("snr", 2), ("pesq", 2))
        )
        paper = (values[domain].get(label) for values in (published.SNR, published.PESQ))
        rows.append([label, *means, *(MISSING if value is None else f"{value:.2f}" for value in paper)])
    head = ["target", "target hits, %", "SNR, dB", "PESQ, raw", f"SNR, {PAPER}", f"PESQ, {PAPER}"]
    return f"### The generator by target (table 2)\n\n{table(head, rows)}"


def _pairs(results: Results, matrix: NDArray[np.float64]) -> str:
    domain, known = results.plan.domain, matrix[np.isfinite(matrix)]
    ours = "No pair was measured"
    if len(known):
        line, column = np.unravel_index(np.nanargmin(matrix), matrix.shape)
        pair = f"{results.labels[int(line)]} → {results.labels[int(column)]}"
        ours = f"The mean over {len(known)} pairs is {known.mean():.1f} %, the worst pair {known.min():.1f} % ({pair})"
    paper = f"{published.METHODS[domain][GENERATOR].success:.1f} % and {published.WORST_PAIR[domain]:.1f} %"
    clip = f"\n\n![A clip perturbed by the generator and by the genetic search](perturbations-{domain}.png)"
    return f"""### The generator by source and target (figures 4, 5 and 7)

{ours}; {PAPER}: {paper}.

![Target hits by pair](matrix-{domain}.png){clip if results.example() else ""}"""


def _families(results: Results) -> list[str]:
    """The table of classifiers of other families, if any was measured."""
    plan, rows = results.plan, []
    for names, part in ((plan.attacked, "attacked"), (plan.left_out, "left out")):
        for name in map(stem, names):
            heard = results.family(name)
            right = [row for row in heard if row["before"] == row["source"]]
            clean = results.mean(
                [{**row, "target": row["source"], "after": row["before"]} for row in heard], "hit", "clean", name
            )
            hit, wrong = (results.mean(right, column, GENERATOR, name) for column in ("hit", "misclassified"))
            noise = results.mean([{**row, "after": row["noise"]} for row in right], "hit", "noise", name)
            rows.append([f"`{name}`", part, *(value.text() for value in (clean, hit, wrong, noise))])
    if not rows:
        return []
    head = [
        "classifier",
        "in training",
        "clean clips right, %",
        "target hits, %",
        "misclassified, %",
        "noise: target hits, %",
    ]
    text = """The same perturbed clips, as classifiers with other layers and features hear them. One "left out" had no
part in making the generator. Noise is white and as loud as the perturbation."""
    return [f"### Families\n\n{text}\n\n{table(head, rows)}"]


def _times(results: Results) -> str:
    measured = results.times()
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
    note = f"On {THREADS} threads; searches for {SEARCHED} clips. The generator of {PAPER}: 9 ms on a Titan X."
    return f"### Time\n\n{note}\n\n{table(['', 'time or ratio'], rows)}"
