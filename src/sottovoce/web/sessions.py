"""What each open page holds: a folder of its own, which goes when the page does."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock
from typing import Self

from sottovoce.web import uploads
from sottovoce.web.results import Protected
from sottovoce.web.uploads import Upload


@dataclass
class Session:
    """One open page.

    Attributes:
        folder: everything that is made for it; its name is random and cannot be guessed.
        inbox: where browsers' files arrive.
        cancelled: set when the person cancels, or leaves.
        protected: the results that the page shows.
        key: the key that was made for them; None where there is none.
    """

    folder: Path
    inbox: Path
    cancelled: Event = field(default_factory=Event)
    protected: list[Protected] = field(default_factory=list)
    key: Path | None = None
    _uploads: dict[Path, Upload] = field(default_factory=dict)
    _arrived: dict[Path, os.stat_result] = field(default_factory=dict)

    def new_folder(self) -> Path:
        """An empty folder, for the files of one piece of work."""
        return Path(tempfile.mkdtemp(dir=self.folder))

    def recording(self, given: str) -> Upload:
        """See `uploads.recording`; taken once, however often it is asked for."""
        return self._once(Path(given), lambda path: uploads.recording(path, self.inbox, self.folder))

    def small(self, given: str, suffixes: Collection[str]) -> Upload:
        """The same of a file that is no recording."""
        return self._once(Path(given), lambda path: uploads.taken(path, self.inbox, self.folder, suffixes))

    def known(self) -> list[Upload]:
        """What was taken so far."""
        return list(self._uploads.values())

    def close(self) -> None:
        """Stop what is running, and remove all files, also those that arrived for it."""
        self.cancelled.set()
        shutil.rmtree(self.folder, ignore_errors=True)
        for given, arrived in self._arrived.items():
            with suppress(OSError):  # what is the same, to the byte, lies in the same place for all pages
                now = given.stat()
                if (now.st_ino, now.st_mtime_ns) == (arrived.st_ino, arrived.st_mtime_ns):
                    given.unlink()

    def _once(self, given: Path, take: Callable[[Path], Upload]) -> Upload:
        if given not in self._uploads:
            arrived = given.stat() if given.exists() else None
            self._uploads[given] = take(given)
            if arrived is not None:  # only of what was taken: other paths are forged
                self._arrived[given] = arrived
        return self._uploads[given]


class Sessions:
    """All open pages, in a folder that only this user can read and that goes at the end.

    Example:
        >>> with Sessions() as sessions:
        ...     session = sessions.of("a page")
        ...     session is sessions.of("a page"), session.folder.is_dir()
        (True, True)
        >>> session.folder.exists()
        False
    """

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="sottovoce-web-")).resolve()
        self.inbox, self.outbox = self.root / "inbox", self.root / "outbox"
        self.inbox.mkdir()
        self.outbox.mkdir()
        self._open: dict[str, Session] = {}
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for page in list(self._open):
            self.close(page)
        shutil.rmtree(self.root, ignore_errors=True)

    def of(self, page: str) -> Session:
        """The session of a page."""
        with self._lock:
            if page not in self._open:
                folder = self.outbox / secrets.token_urlsafe(16)
                folder.mkdir()
                self._open[page] = Session(folder, self.inbox)
            return self._open[page]

    def close(self, page: str) -> None:
        """Remove all that belongs to a page."""
        with self._lock:
            session = self._open.pop(page, None)
        if session is not None:
            session.close()
