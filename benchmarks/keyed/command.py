"""`python -m benchmarks keyed`."""

from functools import partial
from typing import Annotated

import typer

from benchmarks.keyed.measure import measure
from benchmarks.keyed.plan import KINDS, Job, Plan
from benchmarks.keyed.report import write_report
from benchmarks.options import FILES, RESULTS, ROWS, Data, Output, Rows, Seed, Workers
from benchmarks.rows import load_rows, measure_missing
from sottovoce.cli.options import names

ENCODERS = "ecapa-tdnn,resemblyzer,campplus"


def keyed(
    data: Data,
    generator: Annotated[str, typer.Option(metavar="NAME", help="The keyed generator.")] = "ssed-keyed",
    attacker: Annotated[
        str, typer.Option(metavar="NAME", help="A removal module for it that was trained without a key.")
    ] = "ssed-keyed-attacker",
    unkeyed: Annotated[
        str, typer.Option(metavar="NAME", help="A generator without keys, for its removal module.")
    ] = "ssed-ecapa-tdnn",
    encoders: Annotated[str, typer.Option(metavar="NAMES", help="Who compares voices.")] = ENCODERS,
    count: Annotated[int, typer.Option(min=2, help="Number of speakers.")] = 25,
    seed: Seed = 0,
    workers: Workers = 2,
    rows: Rows = ROWS / "keyed",
    output: Output = RESULTS / "keyed",
) -> None:
    """Who can take off a perturbation that depends on a key."""
    plan = Plan(data, generator, attacker, unkeyed, tuple(names(encoders)), count, seed)
    jobs = [Job(plan, kind) for kind in KINDS]
    measure_missing(jobs, partial(measure, files=FILES / rows.name), rows, plan, workers=workers)
    write_report(output, plan, load_rows(rows, plan))
