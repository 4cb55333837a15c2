"""`sottovoce models`."""

from pathlib import Path
from typing import Annotated

import typer

from sottovoce.cli.display import console, say
from sottovoce.cli.options import source_path
from sottovoce.errors import SottovoceError

app = typer.Typer(help="List, inspect and download models.", no_args_is_help=True)


@app.command(name="list")
def list_models() -> None:
    """List the models known by name."""
    from rich.table import Table

    from sottovoce.weights import available

    table = Table()
    for column in ("name", "kind", "architecture", "parameters", "licence"):
        table.add_column(column, overflow="fold")
    for card in available():
        table.add_row(card.name, card.kind, card.architecture, f"{card.parameters:,}", card.licence)
    console().print(table)


@app.command()
def info(name: Annotated[str, typer.Argument(help="A model's name or path.")]) -> None:
    """Check a model's weights and print its card as JSON."""
    from sottovoce.weights import load

    card, _ = load(name)
    print(card.model_dump_json(indent=2))


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="A listener that sottovoce listeners shows, or a model's name.")],
    folder: Annotated[
        Path | None,
        typer.Option(metavar="DIR", parser=source_path, help="Take a listener's files from here, without a download."),
    ] = None,
    repository: Annotated[
        str | None, typer.Option(metavar="OWNER/NAME", help="The model's repository on the Hugging Face hub.")
    ] = None,
) -> None:
    """Download a listener of third parties, or a model from the Hugging Face hub."""
    from sottovoce.models.registry import listeners, source_of
    from sottovoce.weights import fetch
    from sottovoce.weights.fetching import fetch_third_party

    if repository is not None:
        if folder is not None:
            raise SottovoceError("--folder and --repository: take the files from one of them")
        card = fetch(repository, name)
        say(f"{card.name}: {card.architecture}, {card.parameters:,} parameters, {card.licence}")
        return
    place = fetch_third_party(name, source_of(name), folder)
    listener = listeners().get(name)
    about = "" if listener is None else f"; {listener.source}; licence {listener.licence}"
    say(f"{name}: {place}{about}")
