"""Several recordings, one after the other: what was finished stays, and the rest is told."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from functools import partial

from sottovoce.reversible.keys import Secret
from sottovoce.web.choices import Choice
from sottovoce.web.protecting import protect
from sottovoce.web.results import Protected
from sottovoce.web.sessions import Session
from sottovoce.web.telling import told
from sottovoce.web.uploads import Upload
from sottovoce.web.working import CancelledError, Meter, watched


@dataclass
class Batch:
    """How far a batch is.

    Attributes:
        total: number of recordings.
        done: what was protected.
        failed: what to tell of those that were not.
        cancelled: whether the rest was given up.
    """

    total: int
    done: list[Protected] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    cancelled: bool = False

    def line(self) -> str:
        """The outcome in a sentence."""
        if self.cancelled:
            return f"Cancelled{'; what was finished is below' if self.done else ''}."
        if not self.done:
            return "Nothing was protected."
        doubtful = sum(bool(each.report.effect.doubts()) for each in self.done)
        if self.total == 1:
            return "Done, but there are doubts: see below." if doubtful else "Protected."
        more = f"; there are doubts about {doubtful} of them" if doubtful else ""
        return f"{len(self.done)} of {self.total} recordings done{more}."


def run(
    session: Session, uploads: Sequence[Upload], choice: Choice, secret: Secret | None
) -> Generator[tuple[str, Meter], None, Batch]:
    """Protect recordings, and say a few times a second how far that is.

    Args:
        session: of the page; its `cancelled` ends the batch.
        uploads: the recordings.
        choice: what to hide, and how.
        secret: for a way back; None for none.
    """
    batch = Batch(len(uploads))
    for number, upload in enumerate(uploads, start=1):
        where = f" ({number} of {batch.total})" if batch.total > 1 else ""
        work = partial(protect, upload, session.new_folder(), number, choice, secret)
        steps = watched(work, session.cancelled)
        try:
            while True:
                yield f"{upload.label}{where}", next(steps)
        except StopIteration as end:
            batch.done.append(end.value)
        except CancelledError:
            batch.cancelled = True
            break
        except Exception as error:
            batch.failed.append(told(error, session))
    return batch
