"""A verification as tables."""

import math

from rich.table import Table

from sottovoce.evaluation.attacked import is_attacked, mark
from sottovoce.evaluation.matrix import AS_IT_IS, Cell
from sottovoce.evaluation.tables import MISSING, percent
from sottovoce.evaluation.verification import Verification

NOT_HERE = "not here"

TITLES = {
    "snr": "SNR [dB]",
    "si_sdr": "SI-SDR [dB]",
    "pesq_wb": "PESQ-wb",
    "stoi": "STOI",
    "dnsmos_original": "DNSMOS, original",
    "dnsmos_protected": "DNSMOS, protected",
}
"""Of the measures of quality; others are shown by name."""


def tables(result: Verification) -> list[Table]:
    """How the protected file sounds, what enhancers make of it, what is written and whose voice is heard."""
    found = [_quality(result)]
    if any(view.strengths for view in result.views.values()):
        found.append(_strength(result))
    found += [_matrix(result, kind) for kind in ("words", "voice") if any(c.kind == kind for c in result.cells)]
    return found + ([_texts(result)] if any(cell.texts for cell in result.cells) else [])


def _quality(result: Verification) -> Table:
    several = len(result.views) > 1
    table = Table(title="The protected file against the original" + (" (lowest of all channels)" if several else ""))
    for name in ("snr", *result.quality):
        table.add_column(TITLES.get(name, name), justify="right")
    table.add_row(_compared(result.snr, 1), *(_compared(value, 2) for value in result.quality.values()))
    return table


def _strength(result: Verification) -> Table:
    several = len(result.views) > 1
    table = Table(title="What enhancers make of the perturbation")
    for name in ("enhancer", *(["signal"] if several else []), "perturbation gain", "energy drop", "RPR"):
        table.add_column(name, justify="left" if name in ("enhancer", "signal") else "right")
    for name in next(iter(result.views.values())).strengths:
        for place, view in result.views.items():
            each = view.strengths[name]
            rpr = _number(each.rpr, 2) + (" (ill-posed)" if each.rpr_ill_posed and not math.isnan(each.rpr) else "")
            figures = _decibels(each.perturbation_gain), _decibels(each.energy_drop), rpr
            table.add_row(name + mark(name, result.attacked), *([place] if several else []), *figures)
    return table


def _matrix(result: Verification, kind: str) -> Table:
    rows = [name for name in result.listeners if any(c.listener == name and c.kind == kind for c in result.cells)]
    title = "Word error rates in %" if kind == "words" else "Likeness of the voice (cosine; threshold in the head)"
    table = Table(title=f"{title}: protected (original; noise as loud; noise of the same quality)")
    table.add_column("heard through")
    for name in rows:
        cells = [cell for cell in result.cells if cell.listener == name]
        limit = "" if kind == "words" else f" ({cells[0].threshold:.2f})"
        table.add_column(name + mark(name, result.attacked) + limit, justify="right", overflow="fold")
    absent = "recogniser" if kind == "words" else "speaker encoder"
    gone = [name for name, each in result.missing.items() if each.kind == absent]
    for name in gone:
        table.add_column(name + mark(name, result.attacked))
    for channel in result.channels:
        found = [result.cell(name, channel) for name in rows]
        if any(found):
            table.add_row(
                channel + mark(channel, result.attacked), *(_figures(cell) for cell in found), *[NOT_HERE] * len(gone)
            )
    for name, each in result.missing.items():
        if each.kind not in ("recogniser", "speaker encoder"):
            table.add_row(name + mark(name, result.attacked), *[NOT_HERE] * (len(rows) + len(gone)))
    return table


def _figures(cell: Cell | None) -> str:
    if cell is None:
        return ""
    figures = cell.protected, cell.original, cell.noise_as_loud, cell.noise_alike
    protected, *others = (_figure(cell, value) for value in figures)
    return f"{protected} ({'; '.join(others)})"


def _figure(cell: Cell, value: float) -> str:
    if math.isnan(value):
        return MISSING
    return f"{100 * value:.0f}" if cell.kind == "words" else f"{value:.2f}"


def _texts(result: Verification) -> Table:
    writers = dict.fromkeys(cell.listener for cell in result.cells if cell.texts)
    name = min(writers, key=lambda name: is_attacked(name, result.attacked))  # the first who was not, if there is one
    table = Table(title=f"What {name}{mark(name, result.attacked)} hears")
    for title in ("signal", "WER", "text"):
        table.add_column(title, justify="right" if title == "WER" else "left", overflow="fold")
    enhancers = next(iter(result.views.values())).strengths
    for channel in (AS_IT_IS, *enhancers):
        cell = result.cell(name, channel)
        if cell is not None and cell.texts:
            pair = ("original", cell.original), ("protected", cell.protected)
            for (signal, rate), text in zip(pair, cell.texts, strict=False):
                where = signal if channel == AS_IT_IS else f"{signal}, {channel}"
                table.add_row(where + mark(channel, result.attacked), percent(rate), text or "(nothing)")
    return table


def _number(value: float, digits: int, sign: str = "") -> str:
    if math.isnan(value):
        return MISSING
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    return f"{round(value, digits) + 0.0:{sign}.{digits}f}"  # -0.0 + 0.0 is 0.0


def _compared(value: float, digits: int) -> str:
    return "identical" if value == math.inf else _number(value, digits)


def _decibels(value: float) -> str:
    return MISSING if math.isnan(value) else f"{_number(value, 1, '+')} dB"
