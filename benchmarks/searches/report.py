"""The report: Markdown and CSV."""

from pathlib import Path

from benchmarks.wang2020.plan import MATCHED, MATCHED_EPOCHS, MUTATION
from benchmarks.wang2020.published import METHODS
from benchmarks.wang2020.report import PAPER
from benchmarks.wang2020.results import Results
from sottovoce.evaluation.tables import table
from sottovoce.writing import make_folder, write_text

COLUMNS = {
    "hit": ("target hits, %", 1),
    "misclassified": ("misclassified, %", 1),
    "snr": ("SNR, dB", 1),
    "pesq": ("PESQ, raw", 2),
    "queries": ("queries", 0),
    "seconds": ("s per clip", 1),
}
"""Heads, and the decimals that are printed."""


def write_report(out: Path, results: Results) -> None:
    """Write `searches.md` and `searches.csv`.

    Raises:
        SottovoceError: a file cannot be written.
    """
    make_folder(out)
    rows = []
    for search, name in MATCHED.items():
        own, paper = results.right(name), METHODS[results.plan.domain][search]
        cells = [results.mean(own, key, name, "searched").text(digits) for key, (_, digits) in COLUMNS.items()]
        rows.append([search, f"{len(own)}", *cells, f"{paper.success:.2f}, {paper.snr:.2f}, {paper.seconds:g}"])
    head = ["search", "clips × targets", *(title for title, _ in COLUMNS.values()), PAPER]
    write_text(out / "searches.md", f"{_head(results)}\n\n{table(head, rows)}\n")
    write_text(out / "searches.csv", results.summary.csv())


def _head(results: Results) -> str:
    return f"""# Searches at the published SNR

Within the limits that their authors state, the genetic and the swarm search [end far below](../wang2020/wang2020.md)
the noise that Wang et al. (2020) report for them. Here both get that noise: the SNR of a clip may fall to the paper's
mean, and the search starts with noise as loud as that. The genetic search mutates {MUTATION:.1%} of the samples, since
the published 0.05 % hardly change so loud a perturbation; the swarm has {MATCHED_EPOCHS} epochs of the published 300.
Keywords, clips and the way of counting are as there. The column "{PAPER}" has target hits in %, SNR in dB and seconds
per clip on a GPU; ours are of one thread of a CPU.

Made by `python -m benchmarks searches --data DATA --searched {results.plan.searched} --seed {results.plan.seed}`."""
