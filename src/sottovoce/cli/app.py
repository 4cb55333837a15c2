"""The program `sottovoce`: its commands, and how it ends."""

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from sottovoce import __version__
from sottovoce.cli import (
    bench,
    demo,
    enhance,
    evaluate,
    export,
    keygen,
    listeners,
    models,
    protect,
    restore,
    stream,
    train,
    verify,
    web,
)
from sottovoce.cli.display import DEBUG, accept_all_characters, complain, complain_of, say

UsageError: type[Exception] = typer.BadParameter.__mro__[1]
"""What Typer raises for a command line that it does not understand; it has no public name for it."""


class _ProtectFirst(TyperGroup):
    """Lists `protect` before all others; Typer lists commands with subcommands last."""

    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(super().list_commands(ctx), key=lambda name: name != "protect")


app = typer.Typer(cls=_ProtectFirst, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(protect.app, name="protect")
app.command()(restore.restore)
app.command()(keygen.keygen)
app.command()(verify.verify)
app.command()(evaluate.evaluate)
app.command()(enhance.enhance)
app.command()(stream.stream)
app.command()(export.export)
app.command()(train.train)
app.command()(demo.demo)
app.command()(listeners.listeners)
app.command()(web.web)
app.add_typer(models.app, name="models")
app.add_typer(bench.app, name="bench")


def _version(wanted: bool) -> None:
    if wanted:
        say(f"sottovoce {__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show where errors occur (a traceback).")] = False,
) -> None:
    """Keep speech private with adversarial perturbations, and measure what each protection is worth."""
    DEBUG.set(debug)


def main() -> None:
    """Run the program: errors are one line and exit status 2, Ctrl-C is 130."""
    accept_all_characters()
    try:
        status = app(standalone_mode=False)
    except UsageError as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            error.show()  # type: ignore[attr-defined]
        else:
            complain(_explained(error))
        sys.exit(2)
    except typer.Abort:
        sys.exit(130)
    except Exception as error:
        complain_of(error)
        sys.exit(2)
    sys.exit(status if isinstance(status, int) else 0)


def _explained(error: Exception) -> str:
    """A usage error, and where to read more."""
    message = " ".join(error.format_message().split())  # type: ignore[attr-defined]
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "sottovoce"
    return f"{message.rstrip('.')}; see {command} --help"
