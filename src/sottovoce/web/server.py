"""The page's server: on this machine, for this machine, unless somebody asks for more."""

import hmac
import ipaddress
import os
import signal
import socket
import sys
from collections.abc import Callable

import gradio as gr
import uvicorn
from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sottovoce.errors import SottovoceError
from sottovoce.web.look import script, style, theme
from sottovoce.web.page import page
from sottovoce.web.sessions import Sessions
from sottovoce.web.uploads import MOST_BYTES

SHORTEST_PASSWORD = 12
CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "media-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "connect-src 'self' data: blob:",
        "frame-ancestors 'none'",
        "form-action 'self'",
        "base-uri 'self'",
    )
)
"""What browsers may load: nothing that this server does not give."""
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address.

    Example:
        >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("::1"), is_loopback("0.0.0.0")
        (True, True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_password(host: str, password: str | None) -> None:
    """Make sure that an address which others can reach has a password, and that it is no short one.

    Raises:
        SottovoceError: it has none, or a short one.
    """
    if password is None and not is_loopback(host):
        raise SottovoceError(f"--host {host}: others can reach this address; add --password")
    if password is not None and len(password) < SHORTEST_PASSWORD:
        raise SottovoceError(f"the password is too short; use {SHORTEST_PASSWORD} characters or more")


def listening(host: str, port: int) -> socket.socket:
    """A socket on an address.

    Raises:
        SottovoceError: the address is not this machine's, or taken.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SottovoceError(f"--host {host} --port {port}: {reason}; choose another") from error


def application(sessions: Sessions, host: str, password: str | None) -> FastAPI:
    """The page as a web application.

    Args:
        sessions: all open pages.
        host: the address at which it will be reached.
        password: to ask for; None for none.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["GRADIO_TEMP_DIR"] = str(sessions.inbox)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    if is_loopback(host):  # another site, which has its name point here, is not let in
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", host])
    app.add_middleware(Sealed)

    def known(_: str, given: str) -> bool:
        return hmac.compare_digest(given.encode(), str(password).encode())

    gr.mount_gradio_app(
        app,
        page(sessions),
        path="/",
        server_name=host,
        auth=None if password is None else known,
        auth_message="Any name will do; the password is that of the person who started the page.",
        allowed_paths=[str(sessions.outbox)],
        max_file_size=MOST_BYTES,
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        mcp_server=False,
        enable_monitoring=False,
        theme=theme(),
        css=style(),
        head=script(),
    )
    return app


def serve(host: str, port: int, password: str | None, ready: Callable[[str], None]) -> None:
    """Serve the page until somebody interrupts it; then all of its files are gone.

    Args:
        host, port: the address.
        password: to ask for; None for none.
        ready: called with the page's address once it can be reached.

    Raises:
        SottovoceError: the address cannot be used, or needs a password.
    """
    check_password(host, password)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # or nobody would remove the files
    with listening(host, port) as place, Sessions() as sessions:
        app = application(sessions, host, password)
        config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=1)
        shown = f"[{host}]" if ":" in host else host
        ready(f"http://{shown}:{place.getsockname()[1]}")
        uvicorn.Server(config).run(sockets=[place])


class Sealed:
    """Adds `HEADERS` to every answer; what is private stays in no cache."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if "/gradio_api/" in scope["path"]:
                    headers["Cache-Control"] = "no-store"
            await send(message)

        await self.app(scope, receive, sealed)
