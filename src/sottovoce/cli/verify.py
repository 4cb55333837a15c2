"""`sottovoce verify`."""

from pathlib import Path
from typing import Annotated

import typer

from sottovoce.cli.display import show
from sottovoce.cli.options import Device, Enhancers, names


def verify(
    original: Annotated[Path, typer.Argument(help="The original.")],
    protected: Annotated[Path, typer.Argument(help="Its protected copy.")],
    against: Enhancers = "metricgan-plus",
    text: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What is said (default: what is heard in the original).")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for the results as JSON, and pictures.")
    ] = None,
    device: Device = "cpu",
) -> None:
    """Measure what a protection is worth, and against whom."""
    from sottovoce.evaluation.enhance import load_enhancers
    from sottovoce.evaluation.verify import verify
    from sottovoce.writing import make_folder, write_text

    enhancers = load_enhancers(names(against), device)
    if report is not None:
        make_folder(report)
    place = None if report is None else report / protected.name
    result = verify(original, protected, enhancers, text=text, pictures=place)
    if place is not None:
        write_text(place.with_name(place.name + ".json"), result.model_dump_json(indent=2) + "\n")
    show(result)
