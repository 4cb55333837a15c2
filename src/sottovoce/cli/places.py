"""Which file goes where, and a command run on all of them."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import typer

from sottovoce.cli.display import complain, complain_of, explained, say
from sottovoce.errors import SottovoceError


@dataclass
class Work:
    """What a command has to do.

    Attributes:
        pairs: sources and targets, in the order of the sources.
        problems: folders that hold no sound files or cannot be listed.
        hidden: number of hidden sound files, which are passed over.
        inside: number of sound files below the output, which are passed over.
    """

    pairs: list[tuple[Path, Path]] = field(default_factory=list)
    problems: list[SottovoceError] = field(default_factory=list)
    hidden: int = 0
    inside: int = 0


def jobs(sources: list[Path], output: Path) -> Work:
    """Pair each source with its target.

    A single file is written to `output` itself, unless that is a folder or has no suffix. Everything else is written
    below `output`: files under their names, the sound files of a folder under their paths in it. Files below `output`
    are never sources.

    Args:
        sources: files and folders.
        output: a file or folder.

    Raises:
        SottovoceError: a folder is needed and `output` names a file, the only folder holds no sound files, two sources
            have one target, or a target is one of the sources.
    """
    if len(sources) == 1 and not os.path.isdir(sources[0]) and not output.is_dir() and output.suffix:
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


def for_each(
    work: Work, output: Path, do: Callable[[Path, Path], str], done: str, *, of_originals: bool = True
) -> None:
    """Process every file and print a line for each; a batch continues after a file that fails, whatever the error.

    Args:
        work: sources and targets, as from `jobs`.
        output: what the person named; missing folders below it are created.
        do: processes one source into its target and returns the line to print.
        done: the participle for messages, such as "protected".
        of_originals: whether to remark on sources that sottovoce has written itself.

    Raises:
        SottovoceError: the only file fails.
        typer.Exit: with status 1, after a batch in which a file failed.
    """
    ready, errors = _sorted_out(work, done)
    total = len(ready) + len(errors)
    if total > 1:
        for error in errors:
            complain_of(error)
    for source, target in ready:
        try:
            if target != output:
                _make_parent(target)
            if of_originals:
                _remark_on_own(source)
            line = do(source, target)
        except Exception as error:
            errors.append(_named(error, source))
            if total > 1:
                complain_of(errors[-1])
        else:
            say(line)
    if total > 1:
        failed = f"; {len(errors)} failed" if errors else ""
        complain(f"{total - len(errors)} of {total} files {done}{failed}")
    if work.hidden or work.inside:
        complain(_passed_over(work))
    if errors:
        raise errors[0] if total == 1 else typer.Exit(1)


def _check_folder(output: Path) -> None:
    from sottovoce.audio.formats import SOUND_SUFFIXES

    if output.is_file():
        raise SottovoceError(f"{output}: this is a file; name a folder for the output")
    if output.suffix.lower() in SOUND_SUFFIXES and not output.is_dir():
        raise SottovoceError(f"{output}: this looks like a file; several sources, or a folder, need a folder")


def _add(work: Work, source: Path, output: Path) -> None:
    """Add a file, or the sound files of a folder."""
    from sottovoce.corpora.loading import audio_files, is_hidden

    if not os.path.isdir(source):
        work.pairs.append((source, output / source.name))
        return
    if source.resolve().is_relative_to(output.resolve()):
        raise SottovoceError(f"{output}: the originals in {source} lie in the output; choose another output")
    before = len(work.pairs), len(work.problems)
    for file in audio_files(source, hidden=True, failed=work.problems.append):
        name = file.relative_to(source)
        if file.resolve().is_relative_to(output.resolve()):
            work.inside += 1
        elif is_hidden(name):
            work.hidden += 1
        else:
            work.pairs.append((file, output / name))
    if before == (len(work.pairs), len(work.problems)):
        work.problems.append(SottovoceError(f"{source}: holds no sound files; name another folder"))


def _sorted_out(work: Work, done: str) -> tuple[list[tuple[Path, Path]], list[SottovoceError]]:
    """The pairs that can be processed, and all that is known before the work to fail."""
    from sottovoce.audio.formats import can_write

    ready, errors = [], list(work.problems)
    for source, target in work.pairs:
        suffix = target.suffix.lower()
        if (error := _unreachable(source)) is not None:
            errors.append(error)
        elif suffix and suffix == source.suffix.lower() and not can_write(suffix):
            reason = f"no format is written under {suffix}; convert it, or name it alone with -o NAME.wav"
            errors.append(SottovoceError(f"{source}: not {done}: {reason}"))
        else:
            ready.append((source, target))
    return ready, errors


def _unreachable(source: Path) -> SottovoceError | None:
    """Why there is no file to read; None if there is one."""
    try:
        source.stat()
    except FileNotFoundError:
        return SottovoceError(f"{source}: no such file; check the name")
    except OSError as error:
        return SottovoceError(f"{source}: cannot be read ({error.strerror}); check its name and permissions")
    return None


def _make_parent(target: Path) -> None:
    from sottovoce.writing import make_folder

    make_folder(target.parent)


def _remark_on_own(source: Path) -> None:
    from sottovoce.journal import is_ours

    if source.is_file() and is_ours(source):
        complain(f"{source}: sottovoce wrote this file; if it is protected already, name the original instead")


def _named(error: Exception, source: Path) -> SottovoceError:
    """The error as one line, with the unforeseen one as its cause."""
    if isinstance(error, SottovoceError):
        return error
    named = SottovoceError(explained(error, source))
    named.__cause__ = error
    return named


def _passed_over(work: Work) -> str:
    hidden = f"{work.hidden} hidden {_files(work.hidden)}" if work.hidden else ""
    inside = f"{work.inside} {_files(work.inside)} in the output" if work.inside else ""
    return f"{' and '.join(filter(None, (hidden, inside)))} passed over"


def _files(number: int) -> str:
    return "file" if number == 1 else "files"
