"""A verification in plain words."""

import math

from sottovoce.evaluation.attacked import is_attacked
from sottovoce.evaluation.matrix import AS_IT_IS, Cell
from sottovoce.evaluation.tables import percent
from sottovoce.evaluation.verification import DAMAGED, LOST, Verification, understood

NO_BETTER = 0.05
"""Largest lead over plain noise, in word error rate or cosine, at which a perturbation counts as no better."""


def sentences(result: Verification) -> list[str]:
    """What is protected, against whom, how well, and where it is weakest; a sentence or two each."""
    notes = [f"Note: {note}." for note in result.notes]
    if result.aligned:
        notes.insert(0, f"The copy was {result.aligned}.")
    failed = {(cell.listener, cell.channel): cell.problem for cell in result.cells if cell.failed}
    notes += [f"{who}{_behind(where)} failed: {reason}." for (who, where), reason in failed.items()]
    notes += _absent(result)
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
    cells = [cell for cell in result.judged("words") if understood(cell)]
    lines = _verdict(result, "words")
    if len(cells) > 1:
        lost = sum(cell.protected >= LOST for cell in cells)
        kept = sum(cell.protected < DAMAGED for cell in cells)
        unseen = _unseen(result, cells[0], "were never attacked and ")
        lines.append(
            f"Of {len(cells)} pairs of listener and channel that {unseen}get most words of the original, {lost} now "
            f"get hardly any ({100 * LOST:.0f} % word errors or more), and {kept} still get most (less than "
            f"{100 * DAMAGED:.0f} %)."
        )
    told = "the true text" if result.reference_by is None else f"what {result.reference_by} hears in the original"
    lines.append(f"Word error rates count the words that differ from {told}.")
    lines += [f"No verdict on {_the(name)}: {view.worthless}." for name, view in result.views.items() if view.worthless]
    return lines


def _verdict(result: Verification, kind: str) -> list[str]:
    """What the weakest place of a kind is, among those never attacked if anybody was; then what the attacked get."""
    cell, attacked = result.weakest(kind), result.weakest_attacked(kind)
    assert cell is not None
    unseen = _unseen(result, cell, " among listeners that were never attacked")
    against = " against those attacked" if cell is attacked else ""
    place = f"The weakest place{unseen} is {_place(result, cell)}.{_control(cell)}"
    lines = [f"{kind.capitalize()}{against}: {_opinion(cell, 'of these' if unseen else 'here')}. {place}"]
    if cell is attacked:
        lines.append("Nobody measured here was left out of the attack, so nothing follows for other listeners.")
    elif attacked is not None:
        opinion = _opinion(attacked, "of these")
        lines.append(f"Those attacked: {opinion}. The weakest place among them is {_place(result, attacked)}.")
    return lines


def _unseen(result: Verification, cell: Cell, told: str) -> str:
    """What to say of a cell that was never attacked, where others were."""
    return told if result.attacked and result.never_attacked(cell) else ""


def _opinion(cell: Cell, where: str) -> str:
    if cell.kind == "voice":
        return "recognised" if cell.protected > cell.threshold else "not recognised"
    if cell.protected >= DAMAGED and cell.original >= DAMAGED:
        return f"no verdict, since hardly anybody {where} understands the original"
    return (
        "protected" if cell.protected >= LOST else "partly protected" if cell.protected >= DAMAGED else "not protected"
    )


def _place(result: Verification, cell: Cell) -> str:
    view = f", {_the(cell.view)}" if len(result.views) > 1 else ""
    who = f"{cell.listener}{_behind(cell.channel)}{view}"
    if cell.kind == "voice":
        return f"{who}: cosine {cell.protected:.2f}, threshold {cell.threshold:.2f}"
    return f"{who}: {percent(cell.protected)} word errors (original: {percent(cell.original)})"


def _control(cell: Cell) -> str:
    """What plain noise does there."""
    names = ("Plain noise as loud", cell.noise_as_loud), ("Plain noise of the same quality", cell.noise_alike)
    known = [(name, value) for name, value in names if not math.isnan(value)]
    show, more = (percent, 1) if cell.kind == "words" else ("{:.2f}".format, -1)
    equal = any(more * (cell.protected - value) <= NO_BETTER for _, value in known)
    told = [f"{name} gives {show(value)} there" for name, value in known]
    if equal:
        told[-1] += ", so the protection does no better than noise"
    return "".join(f" {sentence}." for sentence in told)


def _voice(result: Verification) -> list[str]:
    if result.weakest("voice") is None:
        return []
    lines, cells = _verdict(result, "voice"), [cell for cell in result.judged("voice") if understood(cell)]
    if len(cells) > 1:
        same = sum(each.protected > each.threshold for each in cells)
        lines.append(
            f"Of {len(cells)} pairs of speaker encoder and channel that "
            f"{_unseen(result, cells[0], 'were never attacked and ')}recognise the original, {same} still do."
        )
    return lines


def _absent(result: Verification) -> list[str]:
    """Who was attacked but did not listen, as a misspelt name would not."""
    here = [*result.listeners, *result.channels]
    absent = [name for name in result.attacked if not any(is_attacked(each, [name]) for each in here)]
    return [f"Attacked, but not asked here: {', '.join(absent)}."] if absent else []


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
            f"nobody here understands the original (at least {percent(lowest)} word errors against the true text); "
            "give another recogniser with --listeners"
        )
    return None


def _behind(channel: str) -> str:
    return "" if channel == AS_IT_IS else f" behind {channel}"


def _the(view: str) -> str:
    return view if view.startswith("channel") else f"the {view}"
