"""What attacks and perturbers cost: beside the bare network, beside other libraries, per second of audio, in memory.

Times are ratios within one run, or seconds of one machine, which the report names.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch

from benchmarks.rows import Row, load_rows, measure_missing
from sottovoce.evaluation.speed import attacks, memory, perturbers
from sottovoce.evaluation.speed.timing import BATCH, REPEATS, SECONDS, STEPS, processor
from sottovoce.evaluation.tables import MISSING, table
from sottovoce.writing import write_text

ENHANCERS = ("metricgan-plus", "segan")
LENGTHS = (10, 60, 600)
"""Seconds of the files whose protection's memory is measured."""


@dataclass(frozen=True)
class Job:
    """One measurement, to be made when nothing else runs."""

    name: str
    measure: Callable[[], list[Row]]


def jobs() -> list[Job]:
    """Everything the bench measures."""
    return [
        *(Job(f"step-{name}", partial(attacks.compared, name)) for name in ENHANCERS),
        *(Job(f"attacks-{name}", partial(attacks.per_second, name)) for name in ENHANCERS),
        Job("streamed", perturbers.streamed),
        Job("beside-pgd", perturbers.beside_pgd),
        *(Job(f"memory-{seconds}", partial(memory.peak, seconds)) for seconds in LENGTHS),
        Job("memory-speaker", partial(memory.peak, LENGTHS[-1], "--against", "speaker")),
    ]


def run(out: Path) -> None:
    """Measure what is not yet in `out/rows/`, one after another on one thread, and write `out/speed.md`.

    Raises:
        SottovoceError: foolbox or ART is not installed, or the file cannot be written.
    """
    measure_missing(jobs(), measure, out, workers=1)
    write_text(out / "speed.md", _report(load_rows(out)))


def measure(job: Job) -> list[Row]:
    """On one thread."""
    torch.set_num_threads(1)
    return job.measure()


def _report(rows: dict[str, list[Row]]) -> str:
    return f"""# Speed

One thread of: {processor()}; torch {torch.__version__}. {BATCH} recordings of {SECONDS} s, {STEPS} steps, median of
{REPEATS} runs that take turns. Made by `sottovoce bench speed`; a rerun measures what is missing.

## One step of PGD beside one forward and backward pass

{_steps(rows)}

## What `protect` computes for a second of audio

{_attacks(rows)}

## The generator that hides the speaker (`{perturbers.GENERATOR}`), in chunks

{_streamed(rows)}

## One pass of it beside {perturbers.PGD_STEPS} steps of PGD on {perturbers.ENCODER}, for {SECONDS} s of audio

{_beside_pgd(rows)}

## Peak memory of `sottovoce protect` (a process of its own, mono, 16 kHz)

{_memory(rows)}
"""


def _steps(rows: dict[str, list[Row]]) -> str:
    lines = [
        [str(row["victim"]), f"{row['milliseconds']:.0f}", *(f"{row[key]:.2f}" for key in ("ours", "foolbox", "ART"))]
        for name in ENHANCERS
        for row in rows.get(f"step-{name}", [])
    ]
    return table(["victim", "bare pass, ms", "ours ÷ bare", "foolbox ÷ bare", "ART ÷ bare"], lines)


def _attacks(rows: dict[str, list[Row]]) -> str:
    lines = [
        [str(row["attack"]), str(row["victim"]), f"{row['seconds']:.2f}"]
        for name in ENHANCERS
        for row in rows.get(f"attacks-{name}", [])
    ]
    return table(["attack", "victim", "seconds for a second of audio"], lines)


def _streamed(rows: dict[str, list[Row]]) -> str:
    lines = [
        [f"{row['chunk']:.0f}", f"{row['factor']:.3f}", f"{row['lookahead']:.1f}", f"{row['latency']:.0f}"]
        for row in rows.get("streamed", [])
    ]
    return table(["chunk, ms", "real-time factor", "look-ahead, ms", "latency, ms"], lines)


def _beside_pgd(rows: dict[str, list[Row]]) -> str:
    lines = [
        [f"{row['pass']:.0f}", f"{row['pgd']:.0f}", f"{float(row['pgd']) / float(row['pass']):.0f}"]
        for row in rows.get("beside-pgd", [])
    ]
    return table(["a pass, ms", "PGD, ms", "PGD ÷ a pass"], lines)


def _memory(rows: dict[str, list[Row]]) -> str:
    found = {(f"{seconds} s", "enhancer"): rows.get(f"memory-{seconds}", []) for seconds in LENGTHS}
    found[f"{LENGTHS[-1]} s", "speaker"] = rows.get("memory-speaker", [])
    lines = [[*what, f"{row[0]['MiB']:.0f}" if row else MISSING] for what, row in found.items()]
    return table(["length", "against", "peak, MiB"], lines)
