"""Work that shows how far it is and that can be cancelled."""

import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Event
from typing import TypeVar

T = TypeVar("T")

LOOK = 0.4
"""Seconds between two looks at how far the work is."""


class CancelledError(Exception):
    """The person cancelled, or left the page."""


class Meter:
    """How far the work is; what the work calls is what ends it, once it is cancelled.

    Args:
        cancelled: set from outside.

    Example:
        >>> meter = Meter(Event())
        >>> meter.begin("listening"); meter(0.5); meter.now
        ('listening', 0.5)
        >>> meter.cancelled.set(); meter(0.6)
        Traceback (most recent call last):
            ...
        sottovoce.web.working.CancelledError
    """

    def __init__(self, cancelled: Event) -> None:
        self.cancelled, self.now, self.began = cancelled, ("", 0.0), 0.0

    def begin(self, what: str) -> None:
        """Another piece of work begins.

        Raises:
            CancelledError: the work is no longer wanted.
        """
        self.now, self.began = (what, 0.0), time.monotonic()
        self(0.0)

    def __call__(self, share: float) -> None:
        """The finished share of this piece, from 0 to 1.

        Raises:
            CancelledError: the work is no longer wanted.
        """
        if self.cancelled.is_set():
            raise CancelledError
        self.now = self.now[0], share

    def left(self) -> float | None:
        """Seconds that this piece still takes, as far as it can be told."""
        share = self.now[1]
        return (time.monotonic() - self.began) * (1 - share) / share if 0.05 < share < 1 else None


def watched(work: Callable[[Meter], T], cancelled: Event) -> Generator[Meter, None, T]:
    """Run work in a thread of its own; whoever stops listening cancels it.

    Args:
        work: gets the meter that it has to keep up to date.
        cancelled: set to cancel.

    Yields:
        The meter, a few times a second.

    Returns:
        What the work gives.

    Raises:
        CancelledError: it was cancelled.
        Exception: whatever the work raises.
    """
    meter, pool = Meter(cancelled), ThreadPoolExecutor(1, thread_name_prefix="sottovoce")
    future = pool.submit(work, meter)
    try:
        while not wait([future], LOOK).done:
            yield meter
        return future.result()
    except GeneratorExit:
        cancelled.set()
        raise
    finally:
        pool.shutdown(wait=False)
