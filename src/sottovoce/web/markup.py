"""The page's own pieces of HTML; whatever comes from outside is escaped."""

import json
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote

from sottovoce.evaluation.verdict import sentences as verdict
from sottovoce.evaluation.verification import Verification
from sottovoce.web.estimates import in_words
from sottovoce.web.results import Heard, Protected
from sottovoce.web.telling import sentence, sentences
from sottovoce.web.uploads import Upload
from sottovoce.web.working import Meter

SERVED = "/gradio_api/file="
HEAD = (
    '<div class="sv-head"><h1>sottovoce</h1><p>People still understand the recording; machines no longer get the '
    "words, or the voice. Everything happens on this computer: nothing is sent anywhere.</p></div>"
)


def alert(*lines: str) -> str:
    """Errors, red, for beside the control; nothing for none."""
    if not lines:
        return ""
    return f'<div class="sv-alert" role="alert">{"".join(f"<p>{escape(sentence(line))}</p>" for line in lines)}</div>'


def status(text: str, share: float | None = None) -> str:
    """What goes on, read out once; the bar is not."""
    bar = "" if share is None else f'<progress max="1" value="{share:.3f}" aria-label="Progress"></progress>'
    percent = "" if share is None else f' <span aria-hidden="true">{100 * share:.0f} %</span>'
    return f'<div class="sv-status"><p role="status">{escape(text)}</p>{bar}{percent}</div>'


def progress(label: str, meter: Meter) -> str:
    """What is done with which recording, how far that is, and how long it still takes."""
    what, share = meter.now
    left = meter.left()
    more = "" if left is None else f", about {in_words(left)} left"
    return status(f"{label}: {what}{more}", share)


def step(number: int, title: str, more: str = "") -> str:
    """The heading of a step."""
    return f'<div class="sv-step"><h2>{number}. {escape(title)}</h2>{note(more) if more else ""}</div>'


def heading(title: str) -> str:
    """The heading of a part of a step."""
    return f"<h3>{escape(title)}</h3>"


def note(text: str) -> str:
    """An explanation."""
    return f'<p class="sv-note">{escape(text)}</p>'


def chosen(uploads: Iterable[Upload]) -> str:
    """The recordings that were taken, with their lengths."""
    rows = "".join(f"<li>{escape(each.label)} <span>{_length(each.seconds)}</span></li>" for each in uploads)
    return f'<ul class="sv-chosen">{rows}</ul>' if rows else ""


def summary(result: Protected) -> str:
    """What was done to a file."""
    report = result.report
    added = f"What was added is {report.snr:.0f} dB below the speech"
    told = [added, *report.effect.lines(), *report.effect.notes, *report.notes]
    weak = "".join(f"<p>{escape(sentence(line))}</p>" for line in report.effect.doubts())
    warning = f'<div class="sv-doubt">{weak}</div>' if weak else ""
    return f"<h3>{escape(result.label)} → {escape(result.target.name)}</h3>{warning}{_list(sentences(told))}"


def player(heard: Heard) -> str:
    """One player for all versions of a recording: it goes on at the same place when another is chosen."""
    sources = json.dumps([{"name": name, "url": _url(path)} for name, path in heard.sounds.items()])
    return f'<sv-player data-sources="{escape(sources)}"></sv-player>'


def pictures(heard: Heard) -> str:
    """The pictures, with their captions."""
    return "".join(
        f'<figure><img src="{_url(path)}" alt="{escape(name)}"><figcaption>{escape(name)}</figcaption></figure>'
        for name, path in heard.pictures.items()
    )


def judgement(found: Verification) -> str:
    """The panel's verdict in plain words."""
    return f"<h3>What the panel found</h3>{_list(sentences(verdict(found)))}"


def downloads(results: Sequence[Protected], key: Path | None, packed: Path | None) -> str:
    """Links: what may be passed on, one by one and packed, and what to keep."""
    keep = [(result.companion, "companion") for result in results if result.companion is not None]
    keep += [(path, "report") for result in results for path in sorted(result.target.parent.glob("*.json"))]
    secret = [(key, "key")] if key is not None else []
    passed = _links(
        [*((result.target, result.label) for result in results), *([(packed, "all of them")] if packed else [])]
    )
    warning = "<p>Without the key and the companion, nobody can restore the original.</p>" if secret else ""
    kept = f"<h3>To keep to yourself</h3>{_links(secret + keep)}{warning}"
    return f"<h3>To pass on</h3>{passed}{kept}"


def download(path: Path, told: str) -> str:
    """One file, and what it is."""
    return f'<p role="status">{escape(sentence(told))}</p>{_links([(path, "")])}'


def _links(files: Iterable[tuple[Path, str]]) -> str:
    items = "".join(
        f'<li><a href="{_url(path)}" download="{escape(path.name)}">{escape(path.name)}</a>'
        f"{f' <span>({escape(what)})</span>' if what else ''}</li>"
        for path, what in files
    )
    return f'<ul class="sv-files">{items}</ul>'


def _list(lines: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def _url(path: Path) -> str:
    """Where the server gives a file; its folder's name cannot be guessed."""
    return SERVED + quote(str(path))


def _length(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
