"""`sottovoce verify`."""

from pathlib import Path
from typing import Annotated

import typer

from sottovoce.cli.display import show
from sottovoce.cli.options import Device, Enhancers, Listener, Overwrite, names, output_path, source_path


def verify(
    original: Annotated[Path, typer.Argument(parser=source_path, metavar="ORIGINAL", help="The original.")],
    protected: Annotated[Path, typer.Argument(parser=source_path, metavar="PROTECTED", help="Its protected copy.")],
    against: Enhancers = "metricgan-plus",
    listener: Listener = "pocketsphinx",
    text: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What is said (default: what is heard in the original).")
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(metavar="DIR", parser=output_path, help="Folder for the results as JSON, and pictures."),
    ] = None,
    overwrite: Overwrite = False,
    device: Device = "cpu",
) -> None:
    """Measure what a protection is worth, and against whom."""
    from sottovoce.evaluation.enhance import load_enhancers
    from sottovoce.evaluation.recognition import recognizer_named
    from sottovoce.evaluation.verify import picture_path, verify
    from sottovoce.journal import check_free, note
    from sottovoce.writing import check_name, make_folder, write_text

    enhancers, recognizer = load_enhancers(names(against), device), recognizer_named(listener)
    if report is None:
        show(verify(original, protected, enhancers, recognizer, text=text))
        return
    place = report / protected.name
    results = place.with_name(place.name + ".json")
    written = [results, *(picture_path(place, name) for name in enhancers)]
    for file in written:
        check_name(file)
        check_free(file, overwrite=overwrite)
    make_folder(report)
    result = verify(original, protected, enhancers, recognizer, text=text, pictures=place)
    write_text(results, result.model_dump_json(indent=2) + "\n")
    for file in written:
        note(file, {})
    show(result)
