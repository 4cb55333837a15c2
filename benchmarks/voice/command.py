"""`python -m benchmarks voice`."""

from functools import partial
from typing import Annotated

import typer

from benchmarks.options import FILES, RESULTS, ROWS, Data, Output, Rows, Seed, Workers
from benchmarks.protecting import NOISE, ORIGINAL
from benchmarks.rows import load_rows, measure_missing
from benchmarks.voice.measure import measure
from benchmarks.voice.plan import SETTINGS, Job, Plan
from benchmarks.voice.report import write_report
from sottovoce.cli.options import names

ENCODERS = "campplus,resemblyzer,ecapa-tdnn"
RECOGNISERS = "whisper-tiny.en,whisper-base"


def voice(
    data: Data,
    encoders: Annotated[str, typer.Option(metavar="NAMES", help="Who compares voices.")] = ENCODERS,
    recognisers: Annotated[str, typer.Option(metavar="NAMES", help="Who should still understand.")] = RECOGNISERS,
    settings: Annotated[str, typer.Option(metavar="NAMES", help="Rows to measure.")] = ",".join(SETTINGS),
    split: Annotated[str, typer.Option(metavar="test|valid", help="Speakers; settings are chosen on valid.")] = "test",
    count: Annotated[int, typer.Option(min=2, help="Number of speakers.")] = 25,
    seed: Seed = 0,
    workers: Workers = 2,
    rows: Rows = ROWS / "voice",
    output: Output = RESULTS / "voice",
) -> None:
    """Whether speaker encoders, attacked or not, still recognise voices in files from `protect voice`."""
    plan = Plan(data, split, count, seed, tuple(names(encoders)), tuple(names(recognisers)))
    jobs = [Job(plan, kind) for kind in (*names(settings), ORIGINAL, NOISE)]
    measure_missing(jobs, partial(measure, files=FILES / rows.name), rows, plan, workers=workers)
    write_report(output, plan, load_rows(rows, plan))
