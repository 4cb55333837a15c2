"""What attacks and perturbers cost: beside the bare network, beside other libraries, per second of audio, in memory.

Times are ratios within one run, or seconds of one machine, which the report names.
"""

from pathlib import Path

import torch

from sottovoce.benchmarks.speed import attacks, memory
from sottovoce.benchmarks.speed.timing import BATCH, REPEATS, SECONDS, STEPS, batch, processor
from sottovoce.writing import make_folder, write_text


def run(out: Path) -> None:
    """Measure everything on one thread and write `out/speed.md`.

    Raises:
        SottovoceError: foolbox or ART is not installed, or the file cannot be written.
    """
    torch.set_num_threads(1)
    waveforms = batch()
    sections = [
        "# Speed",
        f"One thread of: {processor()}; torch {torch.__version__}. {BATCH} recordings of {SECONDS} s, {STEPS} steps, "
        f"median of {REPEATS} runs that take turns. Made by `sottovoce bench speed`.",
        "## One step of PGD beside one forward and backward pass",
        attacks.compared(waveforms),
        "## What `protect` computes for a second of audio",
        attacks.per_second(waveforms),
        "## Peak memory of `sottovoce protect` (a process of its own, mono, 16 kHz)",
        memory.peaks(),
    ]
    make_folder(out)
    write_text(out / "speed.md", "\n\n".join(sections) + "\n")
