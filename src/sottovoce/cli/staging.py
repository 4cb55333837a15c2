"""What lies elsewhere is brought to this machine file by file, and what was made of it goes there."""

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from sottovoce.cli.batch import Remark, Step
from sottovoce.cli.summary import PASSED_OVER, Outcome
from sottovoce.errors import SottovoceError, explained
from sottovoce.remote import Remote
from sottovoce.workers import Tell

Building = Callable[[Path, Path | None], Callable[[], Step]]
"""Takes the output and the folder for reports, and makes what `for_each` takes."""


def anywhere(build: Callable[[], Step], output: Path, report: Path | None) -> Callable[[], Step]:
    """What works wherever source and target lie, as `staged` takes it."""
    return build


def staged(
    build: Building,
    sources: Iterable[Path],
    output: Path,
    *,
    report: Path | None = None,
    overwrite: bool = False,
    beside: tuple[str, ...] = (),
    made_beside: tuple[str, ...] = (),
) -> Callable[[], Step]:
    """What `for_each` takes, also for files elsewhere.

    Args:
        build: what works on files of this machine; is pickled where there are several processes.
        sources: what the person named.
        output: the file or folder to write.
        report: folder for reports.
        overwrite: whether what lies at a target elsewhere is replaced; otherwise it is passed over. What an earlier run
            wrote there is whole, for a target appears last and at once.
        beside: suffixes of files that are needed beside a source.
        made_beside: suffixes of files that are written beside a target; one without them is not passed over in silence.
    """
    if not any(isinstance(path, Remote) for path in (*sources, output, report)):
        return build(output, report)
    return _Staging(build, output, report, overwrite, beside, made_beside)


@dataclass(frozen=True)
class _Staging:
    build: Building
    output: Path
    report: Path | None
    overwrite: bool
    beside: tuple[str, ...]
    made_beside: tuple[str, ...]

    def __call__(self) -> Step:
        root = TemporaryDirectory(prefix="sottovoce-")
        here = Path(root.name)
        local = {path: path for path in (self.output, self.report) if path is not None}
        local |= {path: here / str(n) / path.name for n, path in enumerate(local) if isinstance(path, Remote)}
        step = self.build(local[self.output], None if self.report is None else local[self.report])()

        def process(source: Path, target: Path, tell: Tell) -> Outcome:
            assert root  # goes with this function
            if isinstance(target, Remote) and not self.overwrite and target.is_file():
                self._check_beside(target)
                line = f"{source} → {target}: {PASSED_OVER}, not looked into; --overwrite replaces it"
                return Outcome(line, PASSED_OVER)
            copies = {source: source, target: target}
            if isinstance(source, Remote):
                copies[source] = here / "in" / source.name
            if isinstance(target, Remote):
                copies[target] = local[self.output]
                if target != self.output:
                    copies[target] /= target.relative_to(self.output)
            with _swept(here), _told(copies) as renamed:
                self._fetch(source, copies[source])
                copies[target].parent.mkdir(parents=True, exist_ok=True)
                outcome = step(copies[source], copies[target], lambda message: tell(_renamed(message, renamed)))
                self._put(local, copies[target], target, renamed)
            sentences = tuple(map(renamed, outcome.sentences))
            return replace(outcome, line=renamed(outcome.line), sentences=sentences)

        return process

    def _check_beside(self, target: Remote) -> None:
        for suffix in self.made_beside:
            other = target.with_name(target.name + suffix)
            if isinstance(other, Remote) and not other.is_file():
                raise SottovoceError(f"{target}: there already, without {other.name}; --overwrite makes both")

    def _fetch(self, source: Path, copy: Path) -> None:
        if not isinstance(source, Remote):
            return
        copy.parent.mkdir(parents=True, exist_ok=True)
        source.fetch(copy)
        for suffix in self.beside:
            other = source.with_name(source.name + suffix)
            if isinstance(other, Remote) and other.is_file():
                other.fetch(copy.with_name(copy.name + suffix))

    def _put(self, local: dict[Path, Path], copy: Path, target: Path, renamed: Callable[[str], str]) -> None:
        """Send what was written to its places, the target last: once it is there, the file is done."""
        if isinstance(self.report, Remote):
            folder = local[self.report]
            for file in sorted(path for path in folder.rglob("*") if path.is_file()):
                content = file.read_bytes()
                if file.suffix == ".json":  # which names source and target
                    content = renamed(content.decode()).encode()
                (self.report / file.relative_to(folder)).write_bytes(content)
        if isinstance(target, Remote):
            for file in sorted(copy.parent.glob("*"), key=lambda path: path == copy):
                if file.is_file():
                    place = target.with_name(file.name)
                    assert isinstance(place, Remote)
                    place.put(file)


@contextmanager
def _swept(folder: Path) -> Iterator[None]:
    """Leave nothing in a folder."""
    try:
        yield
    finally:
        for entry in folder.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


@contextmanager
def _told(copies: dict[Path, Path]) -> Iterator[Callable[[str], str]]:
    """Gives what puts the names that the person knows in the place of those of the copies, also in errors."""

    def renamed(text: str) -> str:
        for path, copy in copies.items():
            text = text.replace(str(copy), str(path))
        return text

    try:
        yield renamed
    except Exception as error:
        named = SottovoceError(renamed(explained(error, next(iter(copies)))))
        raise named from (None if isinstance(error, SottovoceError) else error)


def _renamed(message: object, renamed: Callable[[str], str]) -> object:
    return replace(message, text=renamed(message.text)) if isinstance(message, Remark) else message
