"""`python -m benchmarks words`."""

from functools import partial
from typing import Annotated

import typer

from benchmarks.options import FILES, RESULTS, ROWS, Data, Output, Rows, Seed, Workers
from benchmarks.protecting import NOISE, ORIGINAL
from benchmarks.rows import load_rows, measure_missing
from benchmarks.words.measure import measure
from benchmarks.words.plan import MATERIALS, SETTINGS, Job, Plan
from benchmarks.words.report import write_report
from sottovoce.cli.options import names

RECOGNISERS = "whisper-tiny.en,whisper-base,pocketsphinx,deep-speech"
ENHANCERS = "nsnet2,dtln,deepfilternet3,fastenhancer,fspen,rnnoise,webrtc,metricgan-plus"


def words(
    data: Data,
    recognisers: Annotated[str, typer.Option(metavar="NAMES", help="Who listens.")] = RECOGNISERS,
    enhancers: Annotated[str, typer.Option(metavar="NAMES", help="What stands before Whisper base.")] = ENHANCERS,
    settings: Annotated[str, typer.Option(metavar="NAMES", help="Rows to measure.")] = ",".join(SETTINGS),
    split: Annotated[str, typer.Option(metavar="test|valid", help="Speakers; settings are chosen on valid.")] = "test",
    count: Annotated[int, typer.Option(min=1, help="Number of speakers of each material.")] = 25,
    seed: Seed = 0,
    workers: Workers = 2,
    rows: Rows = ROWS / "words",
    output: Output = RESULTS / "words",
) -> None:
    """What listeners, attacked or not, still understand of files from `protect words`."""
    plan = Plan(data, split, count, seed, tuple(names(recognisers)), tuple(names(enhancers)))
    kinds = [*names(settings), ORIGINAL, NOISE]
    jobs = [Job(plan, kind, material) for kind in kinds for material in MATERIALS]
    measure_missing(jobs, partial(measure, files=FILES / rows.name), rows, plan, workers=workers)
    write_report(output, plan, load_rows(rows, plan))
