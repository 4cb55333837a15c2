"""Which switches of the SSED recipe are worth setting: short trainings with and without each, judged on validation."""

import json
from collections.abc import Mapping
from itertools import product
from pathlib import Path

from sottovoce.benchmarks.tables import table
from sottovoce.training.recipes import Machine, Material, train
from sottovoce.writing import write_text

SWITCHES = ("detached", "normalised")
MEASURES = {
    "valid_loss": "loss",
    "valid_cosine": "cosine to the voice",
    "valid_snr": "SNR, dB",
    "valid_restored_snr": "SNR restored, dB",
}


def run(material: Material, out: Path, settings: Mapping[str, str], machine: Machine) -> None:
    """Train every combination of the switches, each in a folder of its own, and write `out/ablation.md`.

    Args:
        material: speech of several speakers.
        out: folder; trainings found there go on where they were stopped.
        settings: as for `sottovoce train ssed`, the same for all.
        machine: what to run on.

    Raises:
        SottovoceError: as `train`.
    """
    rows = []
    for values in product((False, True), repeat=len(SWITCHES)):
        chosen = dict(zip(SWITCHES, map(str, values), strict=True))
        name = "-".join(key for key, value in zip(SWITCHES, values, strict=True) if value) or "neither"
        train("ssed", material, out / name, {**settings, **chosen}, machine)
        lines = (out / name / "log.jsonl").read_text(encoding="utf-8").splitlines()
        best = max((json.loads(line) for line in lines), key=lambda row: row["score"])
        rows.append(
            [name, *(f"{best[measure]:.3f}" for measure in MEASURES), f"{best['epoch'] + 1:.0f} of {len(lines)}"]
        )
    write_text(out / "ablation.md", _report(rows, settings))


def _report(rows: list[list[str]], settings: Mapping[str, str]) -> str:
    shared = ", ".join(f"{key} = {value}" for key, value in settings.items()) or "the recipe's defaults"
    return f"""# Switches of the SSED recipe

Mean over excerpts of held-out speakers, at the epoch with the lowest loss. Settings: {shared}. "detached": the removal
loss trains the removal module alone; "normalised": the mask is stretched to [0, 1] over each utterance, which forbids
streaming. Made by `sottovoce bench ablation`.

{table(["switched on", *MEASURES.values(), "best epoch"], rows)}
"""
