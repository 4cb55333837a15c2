"""What recognisers write of recordings that a technique perturbed, as 16-bit files hold them."""

from dataclasses import dataclass
from pathlib import Path

import torch

from benchmarks.protecting import CODECS
from benchmarks.recordings import as_written
from benchmarks.rows import Row
from benchmarks.transfer.techniques import TECHNIQUES
from benchmarks.words.measure import heard, material_of
from benchmarks.words.plan import MATERIALS
from sottovoce import metrics

RECOGNISERS = ("whisper-tiny.en", "whisper-base", "pocketsphinx")
ENHANCERS = ("nsnet2", "fastenhancer")
CODEC = "mp3 64 kbit/s"
ORIGINAL = "nothing"


@dataclass(frozen=True)
class Plan:
    """What rows depend on.

    Attributes:
        data: folder of the corpora.
        count: validation speakers of each material.
        seed: of mixtures and draws.
    """

    data: Path
    count: int
    seed: int


@dataclass(frozen=True)
class Job:
    """One technique, or `ORIGINAL`."""

    plan: Plan
    technique: str

    @property
    def name(self) -> str:
        """Unique; the name of the file with its rows."""
        return "".join(letter if letter.isalnum() or letter in "-." else "-" for letter in self.technique)


def measure(job: Job) -> list[Row]:
    """A row per recording."""
    plan, rows = job.plan, list[Row]()
    for material in MATERIALS:
        found = material_of(plan.data, "valid", material, plan.count, plan.seed)
        for name, text, recorded in zip(*found, strict=True):
            original, lengths = recorded[None], torch.tensor([len(recorded)])
            changed = original
            if job.technique != ORIGINAL:
                changed = as_written(TECHNIQUES[job.technique](original, plan.seed), lengths)
            texts = heard(changed[0], RECOGNISERS, ENHANCERS, {CODEC: CODECS[CODEC]})
            rows.append(
                {
                    "material": material,
                    "file": name,
                    "pesq": metrics.pesq(original, changed).item(),
                    "snr": metrics.snr(original, changed).item(),
                    **{who: metrics.wer([text], [written]).item() for who, written in texts.items()},
                }
            )
    return rows
