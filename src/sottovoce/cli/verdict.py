"""A verification in tables and in plain words."""

import math
from collections.abc import Iterable

from rich.table import Table

from sottovoce.evaluation.tables import MISSING
from sottovoce.evaluation.verify import DAMAGED, LOST, Enhanced, Heard, Verification

UNHARMED = 0.05
"""Largest rise of the word error rate at which a recogniser counts as unharmed."""

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
    """How the protected file sounds, and what a recogniser hears."""
    heard = _heard(result) if len(result.views) == 1 else _heard_in_views(result)
    return [_quality(result), _strength(result), heard]


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
    for name, place, each in _all_enhanced(result):
        rpr = _number(each.rpr, 2) + (" (ill-posed)" if each.rpr_ill_posed and not math.isnan(each.rpr) else "")
        figures = _decibels(each.perturbation_gain), _decibels(each.energy_drop), rpr
        table.add_row(name, *([place] if several else []), *figures)
    return table


def _heard(result: Verification) -> Table:
    table = Table(title=f"What {result.recognizer} hears")
    for name in ("signal", "CER", "WER"):
        table.add_column(name, justify="left" if name == "signal" else "right")
    table.add_column("text", overflow="fold")
    table.add_row(*_row("original", result.original))
    table.add_row(*_row("protected", result.protected))
    for name, _, each in _all_enhanced(result):
        table.add_row(*_row(f"original behind {name}", each.original))
        table.add_row(*_row(f"protected behind {name}", each.protected))
    return table


def _heard_in_views(result: Verification) -> Table:
    table = Table(title=f"What {result.recognizer} hears")
    for name in ("enhancer", "signal", "WER, original", "WER, protected"):
        table.add_column(name, justify="right" if name.startswith("WER") else "left")
    table.add_column("text, protected", overflow="fold")
    pairs = [("none", place, view.original, view.protected) for place, view in result.views.items()]
    pairs += [(name, place, each.original, each.protected) for name, place, each in _all_enhanced(result)]
    for name, place, original, protected in pairs:
        table.add_row(name, place, _percent(original.wer), _percent(protected.wer), protected.text or "(nothing)")
    return table


def _all_enhanced(result: Verification) -> Iterable[tuple[str, str, Enhanced]]:
    return [(name, place, view.enhanced[name]) for name in result.enhanced for place, view in result.views.items()]


def _row(name: str, heard: Heard) -> tuple[str, str, str, str]:
    return name, _percent(heard.cer), _percent(heard.wer), heard.text or "(nothing)"


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
    """What is protected, against whom, how well, and what would undo it; a sentence or two each."""
    notes = [f"Note: {note}." for note in result.notes]
    if result.snr == math.inf:
        return ["Not protected: the two files hold the same samples.", *notes]
    reason = _no_verdict(result)
    if reason is not None:
        return [f"No verdict on {', '.join(result.enhanced) or result.recognizer}: {reason}.", *notes]
    told = "the true text" if result.reference_given else f"what {result.recognizer} hears in the original"
    lines = [_against(name, result) for name in result.enhanced]
    lines.append(f"Error rates count the words, or characters, that differ from {told}.")
    lines.append(_without(result))
    lines += [
        f"No verdict on {_the(place)}: {view.worthless}." for place, view in result.views.items() if view.worthless
    ]
    lines.append(
        "Not measured here, and likely to weaken the protection: other enhancers, strong lossy compression, "
        "filtering, added noise, playback over the air."
    )
    return lines + notes


def _no_verdict(result: Verification) -> str | None:
    """Why transcripts say nothing about the protection, and what would help; None if they say something."""
    views = list(result.views.values())
    if all(math.isnan(view.protected.wer) for view in views):
        reason = views[0].worthless or "there is no text to compare with"
        return f"{reason}; give the true words with --text, or another recogniser with --listener"
    originals = [view.original for view in views] + [each.original for _, _, each in _all_enhanced(result)]
    lowest = min(heard.wer for heard in originals if not math.isnan(heard.wer))
    if lowest >= DAMAGED:
        return (
            f"{result.recognizer} does not understand the original (with and without enhancement, at least "
            f"{_percent(lowest)} word errors against the true text); give another recogniser with --listener"
        )
    return None


def _without(result: Verification) -> str:
    place = _place(result, None)
    rates = f"a word error rate of {_percent(result.protected.wer)} (original: {_percent(result.original.wer)})"
    if result.protected.wer - result.original.wer <= UNHARMED:
        return f"Without an enhancer the words stay: {rates}{place}. Whoever listens to the file as it is gets them."
    return (
        f"Without an enhancer {result.recognizer} is disturbed as well: {rates}{place}. "
        "A person who listens, or a better recogniser, may still get the words."
    )


def _against(name: str, result: Verification) -> str:
    pair = result.enhanced[name]
    rate, before = pair.protected.wer, pair.original.wer
    opinion = "Protected" if rate >= LOST else "Partly protected" if rate >= DAMAGED else "Not protected"
    told = f"a word error rate of {_percent(rate)} once it has enhanced the file (original: {_percent(before)})"
    told += _place(result, name)
    if rate >= DAMAGED and before >= DAMAGED:
        told += "; but it loses about as much of the original, so the perturbation is not what protects it"
    return f"{opinion} against {name}: {told}."


def _place(result: Verification, enhancer: str | None) -> str:
    return f"; most is left over in {_the(result.weakest(enhancer))}" if len(result.views) > 1 else ""


def _the(view: str) -> str:
    return view if view.startswith("channel") else f"the {view}"
