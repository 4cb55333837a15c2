"""`python -m benchmarks searches`."""

from typing import Annotated

import typer

from benchmarks.options import RESULTS, ROWS, Data, Output, Rows, Seed, Workers
from benchmarks.recordings import place
from benchmarks.rows import load_rows, measure_missing
from benchmarks.searches.report import write_report
from benchmarks.wang2020.measure import measure
from benchmarks.wang2020.plan import MATCHED, Job, Plan
from benchmarks.wang2020.results import Results
from sottovoce.models.classifiers import load_classifier


def searches(
    data: Data,
    searched: Annotated[int, typer.Option(min=1, help="Clips of each label that are attacked, per target.")] = 1,
    seed: Seed = 0,
    workers: Workers = 2,
    rows: Rows = ROWS / "searches",
    output: Output = RESULTS / "searches",
) -> None:
    """Searches without gradients, as loud as those of Wang et al. (2020)."""
    plan = Plan("commands", place(data, "commands"), "wide-resnet", "advgan", searched, seed)
    labels = load_classifier(plan.classifier).labels
    measure_missing(
        [Job(plan, name, label) for name in MATCHED.values() for label in labels], measure, rows, plan, workers=workers
    )
    write_report(output, Results(plan, labels, load_rows(rows, plan)))
