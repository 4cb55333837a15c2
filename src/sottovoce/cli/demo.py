"""`sottovoce demo`."""

from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated

import typer

from sottovoce.cli.display import progress_bar, say, show
from sottovoce.cli.options import Overwrite, names, output_path


def demo(
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", parser=output_path, help="Folder to write.")
    ] = Path("sottovoce-demo"),
    against: Annotated[
        str | None,
        typer.Option(metavar="LISTENERS", help="Who should not understand (default: as for protect words)."),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Protect a bundled recording, and verify the written file."""
    from sottovoce.cli.reporting import Reporter
    from sottovoce.evaluation.verify import verify
    from sottovoce.journal import check_free, note
    from sottovoce.protections.base import protect_file
    from sottovoce.protections.words import Words
    from sottovoce.writing import make_folder

    protection = Words(None if against is None else names(against))
    make_folder(output)
    target = output / "protected.wav"
    for picture in output.glob("demo-*.png"):
        check_free(picture, overwrite=overwrite)
    data = files("sottovoce") / "data"
    text = (data / "demo.txt").read_text(encoding="utf-8").partition("\n")[0]
    with as_file(data / "demo.wav") as source:
        with progress_bar("protecting") as progress:
            protect_file(source, target, protection, overwrite=overwrite, progress=progress)
        heard_by = Reporter.of(protection)
        with progress_bar("listening") as progress:
            result = verify(
                source,
                target,
                heard_by.panel,
                text=text,
                attacked=heard_by.attacked,
                pictures=output / "demo",
                progress=progress,
            )
        show(result)
    for picture in output.glob("demo-*.png"):
        note(picture, {})
    say(f"Listen to {target}; the pictures lie beside it.")
