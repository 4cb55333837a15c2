"""`sottovoce demo`."""

from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated

import typer

from sottovoce.cli.display import progress_bar, show


def demo(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write.")] = Path("sottovoce-demo"),
    against: Annotated[str, typer.Option(help="Enhancers, names or paths with commas between.")] = "metricgan-plus",
) -> None:
    """Protect a recording that comes along, and verify the written file."""
    from sottovoce.evaluation.enhance import load_enhancers
    from sottovoce.evaluation.verify import verify
    from sottovoce.models.recognizers import PocketSphinx
    from sottovoce.protections.settings import ProtectSettings
    from sottovoce.protections.words import protect_file
    from sottovoce.writing import make_folder

    settings = ProtectSettings.checked(against=tuple(against.split(",")))
    enhancers = load_enhancers(settings.against)
    make_folder(output)
    target = output / "protected.wav"
    data = files("sottovoce") / "data"
    text = (data / "demo.txt").read_text(encoding="utf-8").partition("\n")[0]
    with as_file(data / "demo.wav") as source:
        with progress_bar("protecting") as progress:
            protect_file(source, target, settings, enhancers, progress)
        show(verify(source, target, enhancers, PocketSphinx(), text=text, pictures=output / "demo"))
    typer.echo(f"Listen to {target}; the pictures lie beside it.")
