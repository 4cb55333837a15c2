"""What became of the files of a batch, as a table."""

import csv
import io
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sottovoce.errors import SottovoceError

NAME = "summary.csv"
DONE_BEFORE, PASSED_OVER, FAILED = "done before", "there already", "failed"


@dataclass(frozen=True)
class Outcome:
    """What became of a file that did not fail.

    Attributes:
        line: what to tell the person.
        status: what was done, such as "protected", or `DONE_BEFORE`; `PASSED_OVER` where a file elsewhere lies at the
            target, of which nothing more is known.
        snr: in dB, NaN if unknown.
        seconds: duration of the recording, NaN if unknown.
        sentences: what listeners make of it.
        doubts: who still gets what should be hidden.
    """

    line: str
    status: str
    snr: float = math.nan
    seconds: float = math.nan
    sentences: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """A file of a batch, or what gave no files (then there is neither source nor target).

    Attributes:
        source, target: what was to be made of what.
        outcome: what became of it; None if it failed.
        error: why it failed; None if it did not.
    """

    source: Path | None
    target: Path | None
    outcome: Outcome | None = None
    error: SottovoceError | None = None


def as_csv(rows: Iterable[Row]) -> bytes:
    """A line for each row: source, target, status, SNR in dB, duration in seconds, and why it failed or is doubtful.

    Example:
        >>> rows = [
        ...     Row(Path("a.wav"), Path("out/a.wav"), Outcome("", "protected", snr=20.04, seconds=1.5)),
        ...     Row(Path("b.wav"), Path("out/b.wav"), error=SottovoceError("b.wav: no such file")),
        ... ]
        >>> print(as_csv(rows).decode().replace("\\r", ""), end="")
        source,target,status,snr,seconds,reason
        a.wav,out/a.wav,protected,20.04,1.500,
        b.wav,out/b.wav,failed,,,b.wav: no such file
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["source", "target", "status", "snr", "seconds", "reason"])
    for row in rows:
        places = ["" if path is None else str(path) for path in (row.source, row.target)]
        if row.outcome is None:
            writer.writerow([*places, FAILED, "", "", str(row.error)])
        else:
            figures = _figure(row.outcome.snr, 2), _figure(row.outcome.seconds, 3)
            writer.writerow([*places, row.outcome.status, *figures, "; ".join(row.outcome.doubts)])
    return text.getvalue().encode(errors="backslashreplace")


def _figure(value: float, digits: int) -> str:
    return "" if math.isnan(value) else f"{value:.{digits}f}"
