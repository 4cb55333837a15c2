"""`python -m benchmarks guo2024`."""

from functools import partial
from typing import Annotated

import typer

from benchmarks.guo2024.measure import measure
from benchmarks.guo2024.plan import ATTACKER, GENERATORS, Plan, jobs
from benchmarks.guo2024.report import write_report
from benchmarks.options import FILES, RESULTS, ROWS, Data, Output, Rows, Seed, Whisper, Workers
from benchmarks.rows import load_rows, measure_missing


def guo2024(
    data: Data,
    generator: Annotated[
        list[str] | None,
        typer.Option(help="Name or path of a generator; may be repeated. The first one is also attacked."),
    ] = None,
    attacker: Annotated[
        str,
        typer.Option(
            help="Removal module trained on the output of the first --generator; default: ssed-attacker, or none with "
            "--generator."
        ),
    ] = "",
    encoder: Annotated[
        list[str] | None,
        typer.Option(help="Name or path of a speaker encoder that only listens, such as campplus; may be repeated."),
    ] = None,
    whisper: Whisper = None,
    seed: Seed = 0,
    workers: Workers = 2,
    rows: Rows = ROWS / "guo2024",
    output: Output = RESULTS / "guo2024",
) -> None:
    """Hiding and restoring the speaker's voice, compared with Guo et al. (2024)."""
    named = (tuple(generator), attacker) if generator else (GENERATORS, attacker or ATTACKER)
    plan = Plan(data, *named, further=tuple(encoder or ()), whisper=whisper, seed=seed)
    measure_missing(jobs(plan), partial(measure, files=FILES / rows.name), rows, plan, workers=workers)
    write_report(output, plan, load_rows(rows, plan))
