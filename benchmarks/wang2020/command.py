"""`python -m benchmarks wang2020`."""

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.options import RESULTS, ROWS, Data, Output, Rows, Seed, Workers
from benchmarks.recordings import place
from benchmarks.rows import load_rows, measure_missing
from benchmarks.wang2020.measure import measure
from benchmarks.wang2020.plan import Plan, Timing, jobs
from benchmarks.wang2020.report import write_report
from benchmarks.wang2020.results import Results
from benchmarks.wang2020.timing import time_methods
from sottovoce.models.classifiers import load_classifier

ATTACKED, LEFT_OUT = ("wide-resnet", "res8"), ("ds-cnn",)
"""Keyword classifiers that `advgan` was trained on, and that had no part in it."""


def wang2020(
    data: Data,
    music: Annotated[
        Path | None, typer.Option(help="GTZAN's folder or a manifest of music, to attack a classifier of music too.")
    ] = None,
    searched: Annotated[
        int, typer.Option(min=1, help="Clips of each label that the searches and gradient attacks get, per target.")
    ] = 1,
    seed: Seed = 0,
    workers: Workers = 2,
    rows: Rows = ROWS / "wang2020",
    output: Output = RESULTS / "wang2020",
) -> None:
    """Targeted attacks on keywords and music, compared with Wang et al. (2020)."""
    commands = place(data, "commands")
    plans = [Plan("commands", commands, "wide-resnet", "advgan", searched, seed, ATTACKED, LEFT_OUT)]
    if music is not None:
        plans.append(Plan("music", music, "sample-cnn", "advgan-music", searched, seed))
    found = []
    for plan in plans:
        folder, labels = rows / plan.domain, load_classifier(plan.classifier).labels
        measure_missing(jobs(plan, labels), measure, folder, plan, workers=workers)
        measure_missing([Timing(plan)], time_methods, folder, plan, workers=1)
        found.append(Results(plan, labels, load_rows(folder, plan)))
    write_report(output, found)
