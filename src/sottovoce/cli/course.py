"""How far a batch is, and how long it will still take."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import fmean

from sottovoce.cli.display import is_watched, progress_bar
from sottovoce.cli.summary import DONE_BEFORE, PASSED_OVER, Row
from sottovoce.remote import Remote


class Course:
    """Moves a bar by the seconds of audio that are done; what was done before counts neither as work nor as done.

    Args:
        lengths: duration of each file in seconds.
        show: moves the bar: takes what is done, and `total` and `description`.
    """

    def __init__(self, lengths: Sequence[float], show: Callable[..., None]) -> None:
        self.lengths, self.show = lengths, show
        self.total, self.done = sum(lengths), 0.0
        self.over = self.failed = 0
        self.shares: dict[int, float] = {}

    def move(self, place: int, share: float) -> None:
        """A file is done to a share, from 0 to 1."""
        self.shares[place] = share
        self._show()

    def end(self, place: int, row: Row) -> None:
        """A file is over."""
        self.shares.pop(place, None)
        if row.outcome is not None and row.outcome.status in (DONE_BEFORE, PASSED_OVER):
            self.total -= self.lengths[place]
        else:
            self.done += self.lengths[place]
        self.over += 1
        self.failed += row.error is not None
        self._show()

    def _show(self) -> None:
        done = self.done + sum(share * self.lengths[place] for place, share in self.shares.items())
        changes = {} if len(self.lengths) == 1 else {"total": self.total, "description": self._label()}
        self.show(done, **changes)

    def _label(self) -> str:
        failed = f", {self.failed} failed" if self.failed else ""
        return f"{self.over} of {len(self.lengths)} files{failed}"


@contextmanager
def course_of(sources: Sequence[Path], known: Mapping[Path, float]) -> Iterator[Course]:
    """The course of a batch, or of a single file, with a bar if somebody watches it.

    Args:
        sources: the files.
        known: durations of some of them in seconds; 0 if unknown.
    """
    lengths = lengths_of(sources, known) if len(sources) > 1 and is_watched() else [1.0] * len(sources)
    label = sources[0].name if len(sources) == 1 else f"{len(sources)} files"
    with progress_bar(label, sum(lengths)) as show:
        yield Course(lengths, show)


def lengths_of(sources: Sequence[Path], known: Mapping[Path, float] | None = None) -> list[float]:
    """Durations of files in seconds; where a file does not tell it at once, the mean of the others."""
    found = [(known or {}).get(source) or _stated(source) for source in sources]
    usual = fmean([length for length in found if length] or [1.0])
    return [length or usual for length in found]


def _stated(source: Path) -> float:
    """What the header of a file says, or 0."""
    import soundfile

    with suppress(soundfile.LibsndfileError, OSError, TypeError):
        if not isinstance(source, Remote) and source.is_file():
            return float(soundfile.info(str(source)).duration)
    return 0.0
