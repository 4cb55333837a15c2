"""Which file goes where, and a command run on all of them."""

from collections.abc import Callable
from pathlib import Path

import typer

from sottovoce.cli.display import complain
from sottovoce.errors import SottovoceError


def jobs(sources: list[Path], output: Path) -> list[tuple[Path, Path]]:
    """Pair each source with its target.

    A single file is written to `output` itself, unless that is a folder or has no suffix. Everything else is written
    below `output`: files under their names, the sound files of a folder under their paths in it. Files below `output`
    are never sources.

    Args:
        sources: files and folders.
        output: a file or folder.

    Returns:
        Sources and targets, in the order of the sources.

    Raises:
        SottovoceError: a folder holds no sound files, two sources have one target, or a target is one of the sources.
    """
    if len(sources) == 1 and not sources[0].is_dir() and not output.is_dir() and output.suffix:
        return [(sources[0], output)]
    found = [(file, output / name) for source in sources for file, name in _members(source, output)]
    originals = {file.resolve() for file, _ in found}
    taken: dict[Path, Path] = {}
    for file, target in found:
        if target.resolve() in originals:
            raise SottovoceError(f"{target}: this is an original; choose another output")
        if target in taken:
            raise SottovoceError(f"{target}: both {taken[target]} and {file} would go there; run them one by one")
        taken[target] = file
    return found


def for_each(work: list[tuple[Path, Path]], output: Path, do: Callable[[Path, Path], str], done: str) -> None:
    """Process every file and print a line for each; a batch continues after a file that fails.

    Args:
        work: sources and targets, as from `jobs`.
        output: what the person named; missing folders below it are created.
        do: processes one source into its target and returns the line to print.
        done: the participle for messages, such as "protected".

    Raises:
        SottovoceError: the only file fails.
        typer.Exit: with status 1, after a batch in which a file failed.
    """
    from sottovoce.writing import make_folder

    failures = 0
    for source, target in work:
        try:
            if target != output:
                make_folder(target.parent)
            typer.echo(do(source, target))
        except SottovoceError as error:
            if len(work) == 1:
                raise
            complain(error)
            failures += 1
    if failures:
        complain(f"{failures} of {len(work)} files were not {done}")
        raise typer.Exit(1)


def _members(source: Path, output: Path) -> list[tuple[Path, Path]]:
    if not source.is_dir():
        return [(source, Path(source.name))]
    from sottovoce.corpora.loading import audio_files

    if source.resolve().is_relative_to(output.resolve()):
        raise SottovoceError(f"{output}: the originals in {source} lie in the output; choose another output")
    outside = [file for file in audio_files(source) if not file.resolve().is_relative_to(output.resolve())]
    if not outside:
        raise SottovoceError(f"{source}: holds no sound files; name another folder")
    return [(file, file.relative_to(source)) for file in outside]
