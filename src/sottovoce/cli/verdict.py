"""A verification as tables and in plain words."""

import math

from rich.table import Table

from sottovoce.evaluation.matrix import AS_IT_IS, Cell
from sottovoce.evaluation.tables import MISSING
from sottovoce.evaluation.verification import DAMAGED, LOST, Verification, understood

NO_BETTER = 0.05
"""Largest lead over plain noise, in word error rate or cosine, at which a perturbation counts as no better."""

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
            table.add_row(name, *([place] if several else []), *figures)
    return table


def _matrix(result: Verification, kind: str) -> Table:
    rows = [name for name in result.listeners if any(c.listener == name and c.kind == kind for c in result.cells)]
    title = "Word error rates in %" if kind == "words" else "Likeness of the voice (cosine; threshold in the head)"
    table = Table(title=f"{title}: protected (original; noise as loud; noise of the same quality)")
    table.add_column("heard through")
    for name in rows:
        cells = [cell for cell in result.cells if cell.listener == name]
        limit = "" if kind == "words" else f" ({cells[0].threshold:.2f})"
        table.add_column(name + limit, justify="right", overflow="fold")
    absent = "recogniser" if kind == "words" else "speaker encoder"
    gone = [name for name, each in result.missing.items() if each.kind == absent]
    for name in gone:
        table.add_column(name)
    for channel in result.channels:
        found = [result.cell(name, channel) for name in rows]
        if any(found):
            table.add_row(channel, *(_figures(cell) for cell in found), *[NOT_HERE] * len(gone))
    for name, each in result.missing.items():
        if each.kind not in ("recogniser", "speaker encoder"):
            table.add_row(name, *[NOT_HERE] * (len(rows) + len(gone)))
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
    name = next(cell.listener for cell in result.cells if cell.texts)
    table = Table(title=f"What {name} hears")
    for title in ("signal", "WER", "text"):
        table.add_column(title, justify="right" if title == "WER" else "left", overflow="fold")
    enhancers = next(iter(result.views.values())).strengths
    for channel in (AS_IT_IS, *enhancers):
        cell = result.cell(name, channel)
        if cell is not None and cell.texts:
            pair = ("original", cell.original), ("protected", cell.protected)
            for (signal, rate), text in zip(pair, cell.texts, strict=False):
                where = signal if channel == AS_IT_IS else f"{signal}, {channel}"
                table.add_row(where, _percent(rate), text or "(nothing)")
    return table


def _percent(rate: float) -> str:
    return MISSING if math.isnan(rate) else f"{100 * rate:.1f} %"


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


def sentences(result: Verification) -> list[str]:
    """What is protected, against whom, how well, and where it is weakest; a sentence or two each."""
    notes = [f"Note: {note}." for note in result.notes]
    if result.aligned:
        notes.insert(0, f"The copy was {result.aligned}.")
    failed = {(cell.listener, cell.channel): cell.problem for cell in result.cells if cell.failed}
    notes += [f"{who}{_behind(where)} failed: {reason}." for (who, where), reason in failed.items()]
    notes += [f"Not measured: {name} ({each.kind}): {each.reason}." for name, each in result.missing.items()]
    if result.snr == math.inf:
        return ["Not protected: the two files hold the same samples.", *notes]
    lines = _words(result) + _voice(result)
    if len(result.channels) <= 1 + len(next(iter(result.views.values())).strengths):
        lines.append("Not measured here: codecs, filters, noise, playback in a room; --survival measures them.")
    return lines + notes


def _words(result: Verification) -> list[str]:
    if not any(cell.kind == "words" for cell in result.cells):
        return []
    reason = _no_verdict(result)
    if reason is not None:
        return [f"No verdict on the words: {reason}."]
    cells = [cell for cell in result.matrix() if cell.kind == "words" and understood(cell)]
    weakest = result.weakest("words")
    assert weakest is not None
    lines = [f"Words: {_opinion(weakest)}. {_weakest(result, weakest)}"]
    if len(cells) > 1:
        lost = sum(cell.protected >= LOST for cell in cells)
        kept = sum(cell.protected < DAMAGED for cell in cells)
        lines.append(
            f"Of {len(cells)} pairs of listener and channel that get most words of the original, {lost} now get "
            f"hardly any ({100 * LOST:.0f} % word errors or more), and {kept} still get most (less than "
            f"{100 * DAMAGED:.0f} %)."
        )
    told = "the true text" if result.reference_by is None else f"what {result.reference_by} hears in the original"
    lines.append(f"Word error rates count the words that differ from {told}.")
    lines += [f"No verdict on {_the(name)}: {view.worthless}." for name, view in result.views.items() if view.worthless]
    return lines


def _opinion(cell: Cell) -> str:
    if cell.protected >= DAMAGED and cell.original >= DAMAGED:
        return "no verdict, since hardly anybody here understands the original"
    return (
        "protected" if cell.protected >= LOST else "partly protected" if cell.protected >= DAMAGED else "not protected"
    )


def _weakest(result: Verification, cell: Cell) -> str:
    place = f", {_the(cell.view)}" if len(result.views) > 1 else ""
    who = f"{cell.listener}{_behind(cell.channel)}{place}"
    figures = f"{_percent(cell.protected)} word errors (original: {_percent(cell.original)})"
    return f"The weakest place is {who}: {figures}.{_control(cell)}"


def _control(cell: Cell) -> str:
    """What plain noise does there."""
    names = ("Plain noise as loud", cell.noise_as_loud), ("Plain noise of the same quality", cell.noise_alike)
    known = [(name, value) for name, value in names if not math.isnan(value)]
    show, more = (_percent, 1) if cell.kind == "words" else ("{:.2f}".format, -1)
    equal = any(more * (cell.protected - value) <= NO_BETTER for _, value in known)
    told = [f"{name} gives {show(value)} there" for name, value in known]
    if equal:
        told[-1] += ", so the protection does no better than noise"
    return "".join(f" {sentence}." for sentence in told)


def _voice(result: Verification) -> list[str]:
    cell = result.weakest("voice")
    if cell is None:
        return []
    verdict = "recognised" if cell.protected > cell.threshold else "not recognised"
    place = f", {_the(cell.view)}" if len(result.views) > 1 else ""
    who = f"{cell.listener}{_behind(cell.channel)}{place}"
    lines = [
        f"Voice: {verdict}. The weakest place is {who}: cosine {cell.protected:.2f}, threshold {cell.threshold:.2f}."
        f"{_control(cell)}"
    ]
    cells = [each for each in result.matrix() if each.kind == "voice" and understood(each)]
    if len(cells) > 1:
        same = sum(each.protected > each.threshold for each in cells)
        lines.append(
            f"Of {len(cells)} pairs of speaker encoder and channel that recognise the original, {same} still do."
        )
    return lines


def _no_verdict(result: Verification) -> str | None:
    """Why transcripts say nothing about the protection, and what would help; None if they say something."""
    words = [cell for cell in result.cells if cell.kind == "words"]
    if all(math.isnan(cell.protected) for cell in words):
        reason = next((view.worthless for view in result.views.values() if view.worthless), None)
        reason = reason or words[0].problem or "there is no text to compare with"
        return f"{reason}; give the true words with --text, or another recogniser with --listeners"
    lowest = min(cell.original for cell in words if not math.isnan(cell.original))
    if lowest >= DAMAGED:
        return (
            f"nobody here understands the original (at least {_percent(lowest)} word errors against the true text); "
            "give another recogniser with --listeners"
        )
    return None


def _behind(channel: str) -> str:
    return "" if channel == AS_IT_IS else f" behind {channel}"


def _the(view: str) -> str:
    return view if view.startswith("channel") else f"the {view}"
