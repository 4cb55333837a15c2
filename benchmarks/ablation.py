"""What each term or switch of a recipe is worth: short trainings with and without it, judged on validation."""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sottovoce.errors import SottovoceError
from sottovoce.evaluation.tables import table
from sottovoce.training.recipes import Machine, Material, train
from sottovoce.writing import write_text


@dataclass(frozen=True)
class Ablation:
    """What to train, and what to look at.

    Attributes:
        variants: settings by what the variant is called.
        measures: what to report, by its key in the log.
        drawn: the keys whose course over the epochs is drawn.
        meaning: what the variants are, for the report.
    """

    variants: Mapping[str, Mapping[str, str]]
    measures: Mapping[str, str]
    drawn: Sequence[str]
    meaning: str


ABLATIONS = {
    "advgan": Ablation(
        variants={
            "all": {},
            "no discriminator": {"alpha": "0"},
            "no hinge": {"beta": "0"},
            "no change": {"gamma": "0"},
        },
        measures={"valid_success": "target hit", "valid_snr": "SNR, dB"},
        drawn=("valid_success", "valid_snr"),
        meaning="The paper's figures 8 and 9: the generator's loss as a whole, and without the discriminator's term, "
        "the hinge on the norm (eq. 8) or the mean absolute change (eq. 9).",
    ),
    "ssed": Ablation(
        variants={
            "neither": {"detached": "false", "normalised": "false"},
            "normalised": {"detached": "false", "normalised": "true"},
            "detached": {"detached": "true", "normalised": "false"},
            "detached, normalised": {"detached": "true", "normalised": "true"},
        },
        measures={
            "valid_loss": "loss",
            "valid_cosine": "cosine to the voice",
            "valid_snr": "SNR, dB",
            "valid_restored_snr": "SNR restored, dB",
        },
        drawn=("valid_cosine", "valid_restored_snr"),
        meaning='"detached": the removal loss trains the removal module alone; "normalised": the mask is stretched to '
        "[0, 1] over each utterance, which forbids streaming.",
    ),
}


def run(name: str, material: Material, out: Path, settings: Mapping[str, str], machine: Machine) -> None:
    """Train every variant in a folder of its own; write `out/ablation.md` and `out/ablation.png`.

    Args:
        name: a key of `ABLATIONS`.
        material: what to train on.
        out: folder; trainings found there go on where they were stopped.
        settings: as for `sottovoce train`, the same for all.
        machine: what to run on.

    Raises:
        SottovoceError: there is no ablation of that recipe, or as `train`.
    """
    if name not in ABLATIONS:
        raise SottovoceError(f"there is no ablation of '{name}'; choose {', '.join(ABLATIONS)}")
    ablation, logs = ABLATIONS[name], dict[str, list[dict[str, float]]]()
    for variant, own in ablation.variants.items():
        folder = out / variant.replace(", ", "-").replace(" ", "-")
        train(name, material, folder, {**settings, **own}, machine)
        lines = (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()
        logs[variant] = [json.loads(line) for line in lines]
    draw_courses(ablation, logs).savefig(out / "ablation.png", dpi=90)
    write_text(out / "ablation.md", _report(name, ablation, logs, material, settings))


def draw_courses(ablation: Ablation, logs: Mapping[str, Sequence[Mapping[str, float]]]) -> Figure:
    """The drawn measures over the epochs, a line a variant."""
    figure = Figure(figsize=(5 * len(ablation.drawn), 3.5), layout="constrained")
    for axes, key in zip(figure.subplots(1, len(ablation.drawn), squeeze=False)[0], ablation.drawn, strict=True):
        for variant, rows in logs.items():
            axes.plot([row["epoch"] + 1 for row in rows], [row[key] for row in rows], marker=".", label=variant)
        axes.set(xlabel="epoch", ylabel=ablation.measures[key])
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.3)
    figure.axes[0].legend(fontsize=8)
    return figure


def _report(
    name: str,
    ablation: Ablation,
    logs: Mapping[str, Sequence[Mapping[str, float]]],
    material: Material,
    settings: Mapping[str, str],
) -> str:
    rows = []
    for variant, epochs in logs.items():
        best = max(epochs, key=lambda row: row["score"])
        values = [f"{best[key]:.3f}" for key in ablation.measures]
        rows.append([variant, *values, f"{best['epoch'] + 1:.0f} of {len(epochs)}"])
    words = [word for path in material.speech for word in ("--speech", path.name)]
    words += [word for pair in settings.items() for word in ("--set", "=".join(pair))]
    return f"""# Ablation of {name}

On validation material, at the epoch with the best score. {ablation.meaning} Made by

    {shlex.join(["sottovoce", "bench", "ablation", name, *words])}

{table(["variant", *ablation.measures.values(), "best epoch"], rows)}

![Course of the trainings](ablation.png)
"""
