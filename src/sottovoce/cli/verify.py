"""`sottovoce verify`."""

from pathlib import Path
from typing import Annotated

import typer

from sottovoce.cli.cost import cost
from sottovoce.cli.display import progress_bar, say, show
from sottovoce.cli.options import Attacked, Device, Listeners, Overwrite, Survival, names, output_path, source_path


def verify(
    original: Annotated[Path, typer.Argument(parser=source_path, metavar="ORIGINAL", help="The original.")],
    protected: Annotated[
        Path, typer.Argument(parser=source_path, metavar="PROTECTED", help="Its protected copy, made by any tool.")
    ],
    listeners: Listeners = None,
    survival: Survival = False,
    attacked: Attacked = None,
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
    """Measure what a protection is worth, and against whom; --report lets an interrupted run go on."""
    from sottovoce.evaluation.ledger import Ledger
    from sottovoce.evaluation.matrix_plot import draw_matrix
    from sottovoce.evaluation.panel import Panel
    from sottovoce.evaluation.verify import picture_path, verify
    from sottovoce.journal import check_free, note
    from sottovoce.writing import check_name, make_folder, write_text

    panel = Panel.of(None if listeners is None else names(listeners, "--listeners"), device)
    those_attacked = [] if attacked is None else names(attacked, "--attacked")
    if report is None:
        with progress_bar("listening") as progress:
            result = verify(
                original, protected, panel, text=text, survival=survival, attacked=those_attacked, progress=progress
            )
        show(result)
        say(cost())
        return
    place = report / protected.name
    results, matrix = (place.with_name(place.name + suffix) for suffix in (".json", "-matrix.png"))
    written = [results, matrix, *(picture_path(place, name) for name in panel.enhancers)]
    for file in written:
        check_name(file)
        check_free(file, overwrite=overwrite)
    make_folder(report)
    ledger = Ledger(place.with_name(place.name + ".unfinished.jsonl"))
    with progress_bar("listening") as progress:
        result = verify(
            original,
            protected,
            panel,
            text=text,
            survival=survival,
            attacked=those_attacked,
            pictures=place,
            progress=progress,
            ledger=ledger,
        )
    draw_matrix(matrix, result)
    write_text(results, result.model_dump_json(indent=2) + "\n")
    ledger.close()
    for file in written:
        note(file, {})
    show(result)
    say(cost())
