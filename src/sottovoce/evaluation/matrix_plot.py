"""A picture of what every listener makes of a file through every channel."""

import io
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sottovoce.evaluation.attacked import mark
from sottovoce.evaluation.matrix import Cell
from sottovoce.evaluation.verification import Verification, understood
from sottovoce.writing import write_bytes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NARROWEST = 8.0
"""Inches that the title takes."""
NEAR = 0.3
"""Distance of a cosine from its threshold at which the colour is full."""


def draw_matrix(path: Path, result: Verification) -> None:
    """Save the matrix as a PNG: a row for each listener, a column for each channel; green is protected, red is not.

    Words are given as word error rates in %, voices as cosines; the figure of the original stands below in brackets.
    White is where the original is not understood either, grey what was not measured; who is not on this machine has a
    grey row or column. Listeners and channels that were attacked are marked.

    Args:
        path: the picture's path.
        result: what was measured, in the weakest view of each cell.

    Raises:
        SottovoceError: the picture cannot be written.
    """
    from matplotlib.figure import Figure

    kinds = [kind for kind in ("words", "voice") if any(cell.kind == kind for cell in result.cells)]
    rows = {kind: _rows(result, kind) for kind in kinds}
    columns = [*result.channels, *_missing(result, "enhancer", "channel", "plug-in")]
    height = sum(len(names) for names in rows.values())
    figure = Figure(figsize=(max(NARROWEST, 3.0 + 0.62 * len(columns)), 2.6 + 0.5 * height), layout="constrained")
    if not kinds:
        figure.text(0.5, 0.5, "Nobody here writes words or tells voices apart.", ha="center")
    else:
        axes = figure.subplots(len(kinds), 1, squeeze=False, height_ratios=[len(rows[kind]) for kind in kinds])
        for place, kind in zip(axes[:, 0], kinds, strict=True):
            _panel(place, result, kind, rows[kind], columns)
            if kind != kinds[-1]:
                place.set_xticks([])
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    write_bytes(path, buffer.getvalue())


def _rows(result: Verification, kind: str) -> list[str]:
    here = [name for name in result.listeners if any(c.listener == name and c.kind == kind for c in result.cells)]
    return here + _missing(result, "recogniser" if kind == "words" else "speaker encoder")


def _missing(result: Verification, *kinds: str) -> list[str]:
    return [name for name, each in result.missing.items() if each.kind in kinds]


def _panel(axes: "Axes", result: Verification, kind: str, rows: list[str], columns: list[str]) -> None:
    from matplotlib.patches import Rectangle

    shade = np.full((len(rows), len(columns)), np.nan)
    for y, row in enumerate(rows):
        for x, column in enumerate(columns):
            cell = result.cell(row, column)
            if cell is not None:
                shade[y, x] = _protected(cell) if understood(cell) else math.nan
                if not understood(cell):
                    axes.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, color="white"))
                axes.text(x, y, _text(cell), ha="center", va="center", fontsize=7)
    axes.set_facecolor("0.85")
    axes.imshow(shade, vmin=0, vmax=1, cmap="RdYlGn", aspect="auto", alpha=0.75)
    axes.set_xticks(range(len(columns)), _labels(result, columns), rotation=60, ha="right", fontsize=8)
    axes.set_yticks(range(len(rows)), _labels(result, rows), fontsize=8)
    axes.set_xticks(np.arange(-0.5, len(columns)), minor=True)
    axes.set_yticks(np.arange(-0.5, len(rows)), minor=True)
    axes.grid(which="minor", color="white", linewidth=1)
    axes.tick_params(which="minor", length=0)
    what = "word error rate in %" if kind == "words" else "likeness of the voice (cosine)"
    legend = "red: heard, green: protected, white: the original is not understood either, grey: not measured"
    axes.set_title(f"{what}, protected (original)\n{legend}", fontsize=9)


def _labels(result: Verification, names: list[str]) -> list[str]:
    return [_short(name) + mark(name, result.attacked) for name in names]


def _short(name: str) -> str:
    """A listener's name; of a path the last part. Bit rates have a stroke, too, but a space before it."""
    return "+".join(part if " " in part else part.rpartition("/")[2] for part in name.split("+"))


def _protected(cell: Cell) -> float:
    """From 0, everything is left, to 1, nothing is."""
    if math.isnan(cell.protected):
        return math.nan
    if cell.kind == "words":
        return min(1.0, cell.protected)
    return min(1.0, max(0.0, 0.5 + (cell.threshold - cell.protected) / (2 * NEAR)))


def _text(cell: Cell) -> str:
    if math.isnan(cell.protected):
        return "–"
    if cell.kind == "words":
        before = "–" if math.isnan(cell.original) else f"{100 * cell.original:.0f}"
        return f"{100 * cell.protected:.0f}\n({before})"
    return f"{cell.protected:.2f}\n({cell.original:.2f})"
