"""How the page's controls are connected."""

from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any, Generic, TypeVar

import gradio as gr

from sottovoce.web import markup
from sottovoce.web.sessions import Session, Sessions
from sottovoce.web.telling import told
from sottovoce.web.working import CancelledError, Meter, watched

T = TypeVar("T")
Y = TypeVar("Y")

WORK = "work"
"""Heavy work queues here: one piece at a time on this machine."""


def on(event: Callable[..., Any], do: Callable[..., Any], inputs: Any, outputs: Any, **more: Any) -> Any:
    """Connect an event; no other program may call it, and no overlay hides what it changes."""
    limit = {"concurrency_limit": 1} if more.get("concurrency_id") == WORK else {}
    return event(do, inputs, outputs, show_progress="hidden", api_visibility="private", **limit, **more)


def page_of(sessions: Sessions, request: gr.Request) -> Session:
    """The session of the page that a request comes from."""
    return sessions.of(str(request.session_hash))


def on_cancel(button: gr.Button, sessions: Sessions) -> None:
    """Let a button end the work of its page."""

    def cancel(request: gr.Request) -> None:
        page_of(sessions, request).cancelled.set()

    on(button.click, cancel, None, None, queue=False)


def options(named: Mapping[Any, str]) -> list[tuple[str, str]]:
    """Choices as Gradio takes them: what is shown, and what it stands for."""
    return [(shown, str(value)) for value, shown in named.items()]


class Kept(Generic[Y, T]):
    """A generator to loop over, and then what it returned.

    Example:
        >>> def counted():
        ...     yield 1
        ...     return "done"
        >>> kept = Kept(counted())
        >>> list(kept), kept.value
        ([1], 'done')
    """

    value: T

    def __init__(self, steps: Generator[Y, None, T]) -> None:
        self._steps = steps

    def __iter__(self) -> Iterator[Y]:
        self.value = yield from self._steps


def followed(session: Session, label: str, work: Callable[[Meter], T]) -> Generator[str, None, tuple[T | None, str]]:
    """One piece of work, with its status as HTML; then what it gives, and the error as HTML.

    Args:
        session: of the page; its `cancelled` ends the work.
        label: what is worked on.
        work: gets the meter that it has to keep up to date.
    """
    try:
        for meter in (kept := Kept(watched(work, session.cancelled))):
            yield markup.progress(label, meter)
    except CancelledError:
        return None, markup.alert("cancelled")
    except Exception as error:
        return None, markup.alert(told(error, session))
    return kept.value, ""
