"""What an interrupted verification has measured already: a line of JSON for each cell."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from sottovoce import __version__
from sottovoce.errors import SottovoceError
from sottovoce.evaluation.matrix import Cell
from sottovoce.journal import sha256


@dataclass
class Ledger:
    """Cells by what they were measured on.

    Several processes may keep cells in one file, since each line is written at once.

    Args:
        path: the file that they are kept in; None keeps nothing.

    Raises:
        SottovoceError: the file cannot be read.

    Example:
        >>> ledger = Ledger()
        >>> ledger.keep("files", Cell(view="channel 1", listener="ears", kind="words", channel="as it is"))
        >>> ledger.find("files", "channel 1", "ears", "as it is") is None
        True
    """

    path: Path | None = None
    _cells: dict[tuple[str, str, str, str], Cell] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        if self.path is None or not self.path.is_file():
            return
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise SottovoceError(f"{self.path}: cannot be read ({error.strerror}); check its permissions") from error
        for line in lines:
            try:
                entry = json.loads(line)
                self._add(str(entry["about"]), Cell.model_validate(entry["cell"]))
            except (ValueError, TypeError, KeyError):
                continue  # the last line of an interrupted run may be half written

    def find(self, about: str, view: str, listener: str, channel: str) -> Cell | None:
        """The cell, if it was measured before."""
        return self._cells.get((about, view, listener, channel))

    def keep(self, about: str, cell: Cell) -> None:
        """Remember a cell; one that failed is tried again next time.

        Raises:
            SottovoceError: the file cannot be written.
        """
        if self.path is None or self.find(about, cell.view, cell.listener, cell.channel) is not None:
            return
        self._add(about, cell)
        try:
            with self.path.open("ab", buffering=0) as file:
                # the line break comes first: the last line may have been cut off
                line = "\n" + json.dumps({"about": about, "cell": json.loads(cell.model_dump_json())})
                file.write(line.encode())
        except OSError as error:
            raise SottovoceError(f"{self.path}: cannot be written ({error.strerror})") from error

    def close(self) -> None:
        """Remove the file: what it held stands in the results."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def _add(self, about: str, cell: Cell) -> None:
        if not cell.failed:
            self._cells[about, cell.view, cell.listener, cell.channel] = cell


def about(original: Path, protected: Path, text: str | None) -> str:
    """A digest of everything but the listeners that cells depend on: both files, the reference and the version."""
    parts = sha256(original), sha256(protected), text, __version__
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
