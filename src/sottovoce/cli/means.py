"""The means over a folder on the terminal."""

import math
from collections.abc import Collection, Hashable
from typing import TYPE_CHECKING, Any

from rich.table import Table

from sottovoce.cli.display import console
from sottovoce.evaluation.attacked import mark
from sottovoce.evaluation.folders import FIGURES
from sottovoce.evaluation.tables import MISSING

if TYPE_CHECKING:
    import pandas as pd

TITLES = {"words": "Word error rates in %", "voice": "Likeness of the voice (cosine)"}
P_VALUES = ("p_noise_as_loud", "p_noise_alike")


def show_summary(summary: "pd.DataFrame", attacked: Collection[str] = ()) -> None:
    """Print `folders.summary`: a table of the files, and one of each kind of listener with a row for each channel.

    Args:
        summary: the means.
        attacked: names of the listeners on which the perturbations were made, which are marked.
    """
    screen = console()
    files = Table(title="The protected files, and what enhancers make of the perturbation")
    for column in ("measure", "enhancer", "mean", "95 % interval", "counted"):
        files.add_column(column)
    for line in summary[summary["kind"].isin(["file", "enhancer"])].to_dict("records"):
        interval = f"{_number(line['low'], 3)} to {_number(line['high'], 3)}"
        counted = f"{line['counted']} of {line['total']}" + (
            f", {line['infinite']} infinite" if line["infinite"] else ""
        )
        enhancer = line["channel"] + mark(line["channel"], attacked)
        files.add_row(line["measure"], enhancer, _number(line["mean"], 3), interval, counted)
    screen.print(files)
    for kind, title in TITLES.items():
        if (summary["kind"] == kind).any():
            screen.print(_of_listeners(summary[summary["kind"] == kind], kind, title, attacked))


def _of_listeners(lines: "pd.DataFrame", kind: str, title: str, attacked: Collection[str]) -> Table:
    table = Table(title=f"{title}: means [95 % intervals]; p: Wilcoxon's test of protected against noise")
    for column in ("listener", "heard through", *FIGURES, *P_VALUES, "counted"):
        table.add_column(column.replace("_", " "))
    factor, digits = (100, 1) if kind == "words" else (1, 2)
    for (listener, channel), group in lines.groupby(["listener", "channel"], sort=False):
        by_measure: dict[str, dict[Hashable, Any]] = {line["measure"]: line for line in group.to_dict("records")}
        figures = []
        for name in FIGURES:
            line = by_measure[name]
            mean, low, high = (_number(factor * line[key], digits) for key in ("mean", "low", "high"))
            figures.append(MISSING if mean == MISSING else f"{mean} [{low}, {high}]")
        protected = by_measure["protected"]
        tests = [_number(protected[name], 3) for name in P_VALUES]
        names = [f"{name}{mark(str(name), attacked)}" for name in (listener, channel)]
        table.add_row(*names, *figures, *tests, f"{protected['counted']} of {protected['total']}")
    return table


def _number(value: float, digits: int) -> str:
    return MISSING if math.isnan(value) else f"{value:.{digits}f}"
