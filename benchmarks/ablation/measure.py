"""Trainings of all variants."""

import json
from pathlib import Path

from benchmarks.ablation.plan import Plan, slug
from benchmarks.rows import load_rows, save_rows
from sottovoce.cli.options import parsed
from sottovoce.training import Machine, Material, train
from sottovoce.writing import make_folder


def train_missing(plan: Plan, folder: Path, machine: Machine) -> None:
    """Train every variant whose log is not in `folder` yet, each in a folder of its own; stopped trainings resume.

    Raises:
        SottovoceError: the folder holds rows of another plan, or a training cannot run.
    """
    make_folder(folder)
    known = load_rows(folder, plan)
    save_rows(folder, "plan", plan, [])  # binds stopped trainings to their plan
    settings = parsed(plan.settings)
    for variant, own in plan.ablation.variants.items():
        if slug(variant) in known:
            continue
        train(plan.recipe, Material(plan.speech), folder / slug(variant), {**settings, **own}, machine)
        lines = (folder / slug(variant) / "log.jsonl").read_text(encoding="utf-8").splitlines()
        save_rows(folder, slug(variant), plan, [json.loads(line) for line in lines])
