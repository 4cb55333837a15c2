"""`sottovoce models`."""

from typing import Annotated

import typer

from sottovoce.cli.display import console, say

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
    repository: Annotated[str, typer.Argument(metavar="OWNER/NAME", help="Repository on the Hugging Face hub.")],
    name: Annotated[str, typer.Argument(help="The model in that repository.")],
) -> None:
    """Download a model from the Hugging Face hub."""
    from sottovoce.weights import fetch

    card = fetch(repository, name)
    say(f"{card.name}: {card.architecture}, {card.parameters:,} parameters, {card.licence}")
