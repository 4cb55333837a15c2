"""`python -m benchmarks transfer`."""

from typing import Annotated

import typer

from benchmarks.options import RESULTS, ROWS, Data, Output, Rows, Seed, Workers
from benchmarks.rows import load_rows, measure_missing
from benchmarks.transfer.measure import ORIGINAL, Job, Plan, measure
from benchmarks.transfer.report import write_report
from benchmarks.transfer.techniques import TECHNIQUES
from sottovoce.cli.options import names


def transfer(
    data: Data,
    techniques: Annotated[str, typer.Option(metavar="NAMES", help="Rows to measure.")] = ",".join(TECHNIQUES),
    count: Annotated[int, typer.Option(min=1, help="Number of validation speakers of each material.")] = 4,
    seed: Seed = 0,
    workers: Workers = 2,
    rows: Rows = ROWS / "transfer",
    output: Output = RESULTS / "transfer",
) -> None:
    """What makes a perturbation cross to recognisers that were not attacked."""
    plan = Plan(data, count, seed)
    chosen = names(techniques, "--techniques")
    measure_missing([Job(plan, name) for name in (ORIGINAL, *chosen)], measure, rows, plan, workers=workers)
    write_report(output, plan, load_rows(rows, plan))
