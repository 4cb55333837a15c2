"""Which file goes where."""

from dataclasses import dataclass, field
from pathlib import Path

from sottovoce.errors import SottovoceError


@dataclass
class Work:
    """What a command has to do.

    Attributes:
        pairs: sources and targets, in the order of the sources.
        problems: folders, patterns and manifests that give no sound files, or cannot be listed.
        seconds: durations of sources; 0 where no manifest states them.
        hidden: number of hidden sound files, which are passed over.
        inside: number of sound files below the output, which are passed over.
    """

    pairs: list[tuple[Path, Path]] = field(default_factory=list)
    problems: list[SottovoceError] = field(default_factory=list)
    seconds: dict[Path, float] = field(default_factory=dict)
    hidden: int = 0
    inside: int = 0

    @property
    def passed_over(self) -> str:
        """Which files are passed over, for people; empty if none is."""
        hidden = f"{self.hidden} hidden {_files(self.hidden)}" if self.hidden else ""
        inside = f"{self.inside} {_files(self.inside)} in the output" if self.inside else ""
        both = " and ".join(filter(None, (hidden, inside)))
        return both and f"{both} passed over"


def places(sources: list[Path], output: Path) -> Work:
    """Pair each source with its target.

    A single file is written to `output` itself, unless that is a folder or has no suffix. Everything else is written
    below `output`: files under their names; those of a folder, pattern or manifest under their paths in it. What a
    folder or pattern finds below `output` is never a source.

    Args:
        sources: files, folders, patterns and manifests; see `corpora.selection`.
        output: a file or folder.

    Raises:
        SottovoceError: a folder is needed and `output` names a file, the only source holds no sound files, a manifest
            cannot be read, two sources have one target, or a target is one of the sources.
    """
    from sottovoce.corpora.selection import is_single

    if len(sources) == 1 and is_single(sources[0]) and output.suffix and not output.is_dir():
        return Work([(sources[0], output)])
    _check_folder(output)
    work = Work()
    for source in sources:
        _add(work, source, output)
    if len(work.problems) == 1 and not work.pairs:
        raise work.problems[0]
    originals = {file.resolve() for file, _ in work.pairs}
    taken: dict[Path, Path] = {}
    for file, target in work.pairs:
        if target.resolve() in originals:
            raise SottovoceError(f"{target}: this is an original; choose another output")
        if target in taken:
            raise SottovoceError(f"{target}: both {taken[target]} and {file} would go there; run them one by one")
        taken[target] = file
    return work


def _check_folder(output: Path) -> None:
    from sottovoce.audio.formats import SOUND_SUFFIXES

    if output.is_file():
        raise SottovoceError(f"{output}: this is a file; name a folder for the output")
    if output.suffix.lower() in SOUND_SUFFIXES and not output.is_dir():
        raise SottovoceError(f"{output}: this looks like a file; several sources, or a folder, need a folder")


def _add(work: Work, source: Path, output: Path) -> None:
    """Add what a source stands for."""
    from sottovoce.corpora.loading import is_hidden
    from sottovoce.corpora.selection import folder_of, select

    folder, below = folder_of(source), output.resolve()
    if folder is not None and folder.resolve().is_relative_to(below):
        raise SottovoceError(f"{output}: the originals in {folder} lie in the output; choose another output")
    before = len(work.pairs), len(work.problems)
    for file, name, seconds in select(source, failed=work.problems.append):
        if folder is not None and file.resolve().is_relative_to(below):
            work.inside += 1
        elif folder is not None and is_hidden(name):
            work.hidden += 1
        else:
            work.pairs.append((file, output / name))
            work.seconds[file] = seconds
    if before == (len(work.pairs), len(work.problems)):
        work.problems.append(SottovoceError(f"{source}: {_nothing(source)}"))


def _nothing(source: Path) -> str:
    from sottovoce.corpora.selection import is_folder, is_pattern

    if is_pattern(source):
        return "matches no sound files; check the pattern"
    return "holds no sound files; name another folder" if is_folder(source) else "lists no files; name another manifest"


def _files(number: int) -> str:
    return "file" if number == 1 else "files"
