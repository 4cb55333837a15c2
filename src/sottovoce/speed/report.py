"""The report on speed: each section is measured in turn, on one thread.

Times are ratios within one run, or seconds on the machine that the report names.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch

from sottovoce.evaluation.tables import table
from sottovoce.protections.usual import SURROGATE, usual_encoders, usual_listeners
from sottovoce.speed import attacks, memory, perturbers, search
from sottovoce.speed.timing import BATCH, REPEATS, SECONDS, STEPS, processor
from sottovoce.threads import one_thread
from sottovoce.writing import make_folder, write_text

ENHANCERS = ("metricgan-plus", "segan")
PROTECTED = (
    ("words", 10, "--effort", "low"),
    ("words", 60, "--effort", "low"),
    ("words", 600, "--against", "metricgan-plus", "--steps", "2"),
    ("voice", 60, "--steps", "15"),
    ("voice", 600, "--effort", "low"),
)
"""What is measured in memory: subcommand, seconds of speech, and options; more steps take no more."""
Lines = list[list[str]]


@dataclass(frozen=True)
class Section:
    """A table of the report.

    Attributes:
        title: its heading.
        head: its columns.
        measurements: functions that each measure some of its lines.
    """

    title: str
    head: Sequence[str]
    measurements: Sequence[Callable[[], Lines]]


def run(out: Path, progress: Callable[[float], None] = lambda _: None) -> Path:
    """Measure everything and write `speed.md`.

    Args:
        out: folder of the report.
        progress: called with the finished share, from 0 to 1.

    Returns:
        The path of the report.

    Raises:
        SottovoceError: foolbox or ART is not installed, or the file cannot be written.
    """
    make_folder(out)
    with one_thread():
        text = report(sections(), progress)
    write_text(out / "speed.md", text)
    return out / "speed.md"


def sections() -> list[Section]:
    """Everything that is measured."""
    return [
        Section(
            "One step of PGD compared with a forward and backward pass",
            ("enhancer", "bare pass, ms", "ours ÷ bare", "foolbox ÷ bare", "ART ÷ bare"),
            [partial(_step, name) for name in ENHANCERS],
        ),
        Section(
            "Computing time of `protect words` against enhancers alone, per second of audio",
            ("attack", "enhancer", "seconds per second of audio"),
            [partial(_attacks, name) for name in ENHANCERS],
        ),
        Section(
            "Computing time of the searches of `protect words` and `protect voice`, at normal effort",
            ("protected", "attacked", "seconds per second of audio", "search ÷ bare passes"),
            [
                *(
                    partial(_search, "words", names)
                    for names in dict.fromkeys([(SURROGATE,), tuple(usual_listeners())])
                ),
                partial(_search, "voice", tuple(usual_encoders())),
            ],
        ),
        Section(
            f"The generator of `protect voice` (`{perturbers.GENERATOR}`), in chunks",
            ("chunk, ms", "real-time factor", "look-ahead, ms", "latency, ms"),
            [_streamed],
        ),
        Section(
            f"One pass of the generator compared with {perturbers.PGD_STEPS} steps of PGD on {perturbers.ENCODER}, "
            f"for {SECONDS} s of audio",
            ("one pass, ms", "PGD, ms", "PGD ÷ one pass"),
            [_optimised],
        ),
        Section(
            "Peak memory of `sottovoce protect` (a separate process, mono, 16 kHz)",
            ("length", "protection", "peak, MiB"),
            [partial(_memory, *each) for each in PROTECTED],
        ),
    ]


def report(sections: Sequence[Section], progress: Callable[[float], None] = lambda _: None) -> str:
    """Measure the sections and give the report as Markdown."""
    total, done, parts = sum(len(section.measurements) for section in sections), 0, [_head()]
    for section in sections:
        lines: Lines = []
        for measure in section.measurements:
            lines += measure()
            done += 1
            progress(done / total)
        parts.append(f"## {section.title}\n\n{table(section.head, lines)}")
    return "\n\n".join(parts) + "\n"


def _head() -> str:
    return f"""# Speed

One thread of: {processor()}; torch {torch.__version__}. {BATCH} recordings of {SECONDS} s, {STEPS} steps; medians of
{REPEATS} runs that alternate. Made by `sottovoce bench speed`."""


def _step(name: str) -> Lines:
    found = attacks.compared(name)
    return [[name, f"{found['milliseconds']:.0f}", *(f"{found[key]:.2f}" for key in ("ours", "foolbox", "ART"))]]


def _attacks(name: str) -> Lines:
    return [[attack, name, f"{seconds:.2f}"] for attack, seconds in attacks.per_second(name).items()]


def _search(protected: str, names: Sequence[str]) -> Lines:
    aim = search.against_words(*names) if protected == "words" else search.against_voice(*names)
    found = search.compared(aim)
    return [[protected, ", ".join(names), f"{found['seconds']:.2f}", f"{found['ratio']:.2f}"]]


def _streamed() -> Lines:
    return [
        [f"{run.chunk:.0f}", f"{run.factor:.3f}", f"{run.lookahead:.1f}", f"{run.latency:.0f}"]
        for run in perturbers.streamed()
    ]


def _optimised() -> Lines:
    one_pass, pgd = perturbers.compared()
    return [[f"{one_pass:.0f}", f"{pgd:.0f}", f"{pgd / one_pass:.0f}"]]


def _memory(protection: str, seconds: int, *options: str) -> Lines:
    peak = memory.peak(protection, seconds, *options)
    return [[f"{seconds} s", " ".join((protection, *options)), f"{peak:.0f}"]]
