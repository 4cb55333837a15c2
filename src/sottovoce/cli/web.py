"""`sottovoce web`."""

import os
from typing import Annotated

import typer

from sottovoce.cli.display import complain, say
from sottovoce.errors import SottovoceError

PASSWORD = "SOTTOVOCE_WEB_PASSWORD"


def web(
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Where to listen; only this computer reaches the default.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="0 for any that is free.")] = 7860,
    password: Annotated[
        bool,
        typer.Option(
            "--password",
            help=f"Ask for a password that visitors have to give, unless ${PASSWORD} holds it; needed at an address "
            "that others can reach.",
        ),
    ] = False,
    browser: Annotated[bool, typer.Option("--browser", help="Open the page in a browser.")] = False,
) -> None:
    """Protect, restore and compare recordings on a page in the browser; everything stays on this computer."""
    try:
        from sottovoce.web.server import check_password, is_loopback, serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("gradio", "fastapi", "starlette", "uvicorn"):
            raise
        raise SottovoceError("the page needs Gradio; pip install 'sottovoce[web]'") from error

    secret = os.environ.get(PASSWORD)
    if secret is None and password:
        secret = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    check_password(host, secret)
    if not is_loopback(host):
        complain(
            f"--host {host}: others can reach this page, and what they send can be read on the way; put a proxy with "
            "TLS in front of it (docs/web.md)"
        )

    def ready(address: str) -> None:
        say(f"The page is at {address} (Ctrl-C ends it, and removes its files).")
        if browser:
            typer.launch(address)

    serve(host, port, secret, ready)
