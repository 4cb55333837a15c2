"""`python -m benchmarks yang2020`."""

from typing import Annotated

import typer

from benchmarks.options import RESULTS, ROWS, Data, Dtln, Output, Rows, Seed, Workers
from benchmarks.rows import load_rows, measure_missing
from benchmarks.yang2020.measure import measure
from benchmarks.yang2020.plan import Plan, Timing, jobs
from benchmarks.yang2020.report import write_report
from benchmarks.yang2020.timing import time_attacks


def yang2020(
    data: Data,
    dtln: Dtln = None,
    count: Annotated[int, typer.Option(min=1, help="Maximum number of utterances to attack, one per speaker.")] = 10,
    snr: Annotated[float, typer.Option(min=0, max=100, help="Minimum SNR of the attack in rooms (dB).")] = 10.0,
    generations: Annotated[int, typer.Option(min=1, help="Generations of the evolutionary attack.")] = 50,
    seed: Seed = 0,
    workers: Workers = 2,
    rows: Rows = ROWS / "yang2020",
    output: Output = RESULTS / "yang2020",
) -> None:
    """Attacks on speech recognition with enhancers in front, compared with Yang et al. (2020)."""
    plan = Plan(data, dtln=dtln, count=count, snr=snr, generations=generations, seed=seed)
    measure_missing(jobs(plan), measure, rows, plan, workers=workers)
    measure_missing([Timing(plan)], time_attacks, rows, plan, workers=1)
    write_report(output, plan, load_rows(rows, plan))
