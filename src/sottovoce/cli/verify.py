"""`sottovoce verify`."""

from pathlib import Path
from typing import Annotated

import typer

from sottovoce.cli.display import show


def verify(
    original: Annotated[Path, typer.Argument(help="The original.")],
    protected: Annotated[Path, typer.Argument(help="Its protected copy.")],
    against: Annotated[
        str, typer.Option(help="Enhancers, names or paths with commas between; a folder of DTLN's is one too.")
    ] = "metricgan-plus",
    text: Annotated[str | None, typer.Option(help="What is said; else what is heard in the original.")] = None,
    report: Annotated[Path | None, typer.Option(help="Folder for the verification as JSON, and pictures.")] = None,
) -> None:
    """Measure what a protection is worth, and against whom."""
    from sottovoce.evaluation.enhance import load_enhancers
    from sottovoce.evaluation.verify import verify
    from sottovoce.models.recognizers import PocketSphinx
    from sottovoce.writing import make_folder, write_text

    enhancers = load_enhancers(against.split(","))
    if report is not None:
        make_folder(report)
    place = None if report is None else report / protected.name
    result = verify(original, protected, enhancers, PocketSphinx(), text=text, pictures=place)
    if place is not None:
        write_text(place.with_name(place.name + ".json"), result.model_dump_json(indent=2) + "\n")
    show(result)
