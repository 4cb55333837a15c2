"""`python -m benchmarks dong2022`."""

from functools import partial
from typing import Annotated

import typer

from benchmarks.dong2022.measure import measure
from benchmarks.dong2022.plan import Plan, jobs
from benchmarks.dong2022.report import write_report
from benchmarks.options import FILES, RESULTS, ROWS, Data, Dtln, Output, Rows, Seed, Whisper, Workers
from benchmarks.rows import load_rows, measure_missing


def dong2022(
    data: Data,
    dtln: Dtln = None,
    whisper: Whisper = None,
    count: Annotated[int, typer.Option(min=1, help="Number of mixtures at each SNR, one per speaker.")] = 25,
    seed: Seed = 0,
    workers: Workers = 2,
    rows: Rows = ROWS / "dong2022",
    output: Output = RESULTS / "dong2022",
) -> None:
    """Attacks on speech enhancement, compared with Dong et al. (2022)."""
    plan = Plan(data, dtln, whisper, count, seed)
    measure_missing(jobs(plan), partial(measure, files=FILES / rows.name), rows, plan, workers=workers)
    write_report(output, plan, load_rows(rows, plan))
