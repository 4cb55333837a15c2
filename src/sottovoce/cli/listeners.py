"""`sottovoce listeners`."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from sottovoce.cli.display import console, say
from sottovoce.errors import SottovoceError

if TYPE_CHECKING:
    from rich.table import Table

    from sottovoce.models.registry import Listener


def listeners(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One of them, with all that is known.")] = None,
) -> None:
    """Show who may listen: the panel that protections are measured on, and how to bring who is not here."""
    from sottovoce.models.registry import listeners

    known = listeners()
    if name is None:
        console().print(_table(known.values()))
        return
    if name not in known:
        raise SottovoceError(f"{name}: no listener; choose {', '.join(known)}")
    listener = known[name]
    for title in ("name", "kind", "family", "parameters", "used_by", "source", "licence"):
        value = getattr(listener, title)
        shown = "unknown" if value is None else f"{value:,}" if isinstance(value, int) else value
        say(f"{title.replace('_', ' ')}: {shown}")
    say(f"gradients: {'yes' if listener.gradients else 'no, a black box'}")
    say(f"here: {listener.missing() or 'yes'}")


def _table(known: "Iterable[Listener]") -> "Table":
    from rich.table import Table

    table = Table()
    for column in ("name", "kind", "used by", "gradients", "here"):
        table.add_column(column, overflow="fold")
    for each in known:
        gradients = "yes" if each.gradients else "no"
        table.add_row(each.name, each.kind, each.used_by, gradients, each.missing() or "yes")
    return table
