"""The report: Markdown and a figure."""

import shlex
from pathlib import Path

from benchmarks.ablation.figures import draw_courses
from benchmarks.ablation.plan import Plan, slug
from benchmarks.rows import Row
from sottovoce.evaluation.tables import table
from sottovoce.writing import make_folder, write_text


def write_report(out: Path, plan: Plan, rows: dict[str, list[Row]]) -> None:
    """Write `ablation.md` and `ablation.png`.

    Raises:
        SottovoceError: a file cannot be written.
    """
    logs = {variant: rows[slug(variant)] for variant in plan.ablation.variants}
    make_folder(out)
    draw_courses(plan.ablation, logs).savefig(out / "ablation.png", dpi=90)
    write_text(out / "ablation.md", _markdown(plan, logs))


def _markdown(plan: Plan, logs: dict[str, list[Row]]) -> str:
    lines = []
    for variant, epochs in logs.items():
        best = max(epochs, key=lambda row: float(row["score"]))
        values = [f"{float(best[key]):.3f}" for key in plan.ablation.measures]
        lines.append([variant, *values, f"{float(best['epoch']) + 1:.0f} of {len(epochs)}"])
    words = [word for path in plan.speech for word in ("--speech", path.name)]
    words += [word for setting in plan.settings for word in ("--set", setting)]
    return f"""# Ablation of {plan.recipe}

{plan.ablation.meaning}

The values are for validation data, at the epoch with the best score. Made by

    {shlex.join(["python", "-m", "benchmarks", "ablation", plan.recipe, *words])}

{table(["variant", *plan.ablation.measures.values(), "best epoch"], lines)}

![Course of the trainings](ablation.png)
"""
