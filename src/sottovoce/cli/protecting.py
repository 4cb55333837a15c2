"""What `sottovoce protect` does to each file."""

import json
import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sottovoce.cli.batch import Remark, Step
from sottovoce.cli.summary import DONE_BEFORE, Outcome
from sottovoce.protections.base import Protection, done_before, protect_file
from sottovoce.reversible.keys import Secret
from sottovoce.workers import Tell
from sottovoce.writing import check_name, make_folder, write_text

if TYPE_CHECKING:
    from sottovoce.cli.reporting import Reporter

REPORT = ".report.json"


@dataclass(frozen=True)
class Protecting:
    """Makes what protects a file; as `for_each` takes it.

    Args:
        make: makes the protection.
        output: what the person named.
        secret: seals the companions.
        report: folder for what was done to each file, and for what listeners make of it where words or voices are
            protected.
        overwrite: whether finished files are done again.
    """

    make: Callable[[], Protection]
    output: Path
    secret: Secret | None = None
    report: Path | None = None
    overwrite: bool = False

    def __call__(self) -> Step:
        """What protects a file, except one that is done."""
        protection = self.make()
        reporter = None if self.report is None else _reporter(protection)
        announce = _announcing(protection)

        def protect(source: Path, target: Path, tell: Tell) -> Outcome:
            place, half = self._place_of(target), 1.0 if reporter is None else 0.5
            doubts: list[str] = []
            if place is not None:
                check_name(place, REPORT, *(reporter.suffixes if reporter else ()))
                make_folder(place.parent)
            if not self.overwrite and done_before(source, target, protection, secret=self.secret):
                line, status = f"{source} → {target}: {DONE_BEFORE}", DONE_BEFORE
                snr, seconds = _known(place)
            else:
                announce(tell)
                done = protect_file(
                    source,
                    target,
                    protection,
                    secret=self.secret,
                    overwrite=self.overwrite,
                    progress=lambda share: tell(half * share),
                )
                line, status, snr, seconds = done.line(), "protected", done.snr, done.seconds
                doubts = done.effect.doubts()
                if place is not None:
                    write_text(place.with_name(place.name + REPORT), done.model_dump_json(indent=2) + "\n")
            heard: list[str] = []
            if place is not None and reporter is not None:
                heard = reporter(source, target, place, lambda share: tell(half + (1 - half) * share))
            return Outcome(line, status, snr, seconds, tuple(heard), tuple(doubts))

        return protect

    def _place_of(self, target: Path) -> Path | None:
        """What the names of a file's reports begin with."""
        if self.report is None:
            return None
        return self.report / target.relative_to(target.parent if target == self.output else self.output)


def _reporter(protection: Protection) -> "Reporter | None":
    """What lets listeners judge where words or voices are protected; loaded in every process, so only if needed."""
    from sottovoce.cli.reporting import Reporter
    from sottovoce.protections.voice import Voice
    from sottovoce.protections.words import Words
    from sottovoce.protections.words_and_voice import WordsAndVoice

    return Reporter.of(protection) if isinstance(protection, Words | Voice | WordsAndVoice) else None


def _known(place: Path | None) -> tuple[float, float]:
    """SNR and duration of a file that was done before, where its report lies there."""
    if place is not None:
        with suppress(OSError, ValueError, KeyError):
            report = json.loads(place.with_name(place.name + REPORT).read_text(encoding="utf-8"))
            return float(report["snr"]), float(report["seconds"])
    return math.nan, math.nan


def _announcing(protection: Protection) -> Callable[[Tell], None]:
    """Tells once, before the work begins, what a search will cost; nothing for what takes a single pass."""

    @cache
    def told() -> str | None:
        aim = getattr(protection, "aim", None)
        if aim is None:
            return None
        from sottovoce.speed.search import Aim, announcement

        return announcement(aim) if isinstance(aim, Aim) else None

    def announce(tell: Tell) -> None:
        line = told()
        if line is not None:
            tell(Remark(line, about="cost"))

    return announce
