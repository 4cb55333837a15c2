"""`sottovoce models`."""

from typing import Annotated

import typer

app = typer.Typer(help="The models that come along, and more.", no_args_is_help=True)


@app.command(name="list")
def list_models() -> None:
    """Say which models are known by name."""
    from rich.console import Console
    from rich.table import Table

    from sottovoce.weights import available

    table = Table("name", "kind", "architecture", "parameters", "licence")
    for card in available():
        table.add_row(card.name, card.kind, card.architecture, f"{card.parameters:,}", card.licence)
    Console().print(table)


@app.command()
def info(name: Annotated[str, typer.Argument(help="A model's name or path.")]) -> None:
    """Print a model's card as JSON, once its weights are found to be the card's."""
    from sottovoce.weights import load

    card, _ = load(name)
    typer.echo(card.model_dump_json(indent=2))


@app.command()
def fetch(
    repository: Annotated[str, typer.Argument(help="The Hugging Face hub's OWNER/NAME.")],
    name: Annotated[str, typer.Argument(help="The model in it.")],
) -> None:
    """Download a model from the Hugging Face hub."""
    from sottovoce.weights import fetch

    card = fetch(repository, name)
    typer.echo(f"{card.name}: {card.architecture}, {card.parameters:,} parameters, {card.licence}")
