"""Work shows how far it is, stops when it is cancelled, and tells its errors."""

from threading import Event

import pytest

from sottovoce.web.working import CancelledError, Meter, watched


def outcome(steps):
    try:
        while True:
            next(steps)
    except StopIteration as end:
        return end.value


def test_work_gives_what_it_finds_or_raises_its_error() -> None:
    assert outcome(watched(lambda meter: 7, Event())) == 7
    with pytest.raises(ZeroDivisionError):
        outcome(watched(lambda meter: 1 / 0, Event()))


def endless(meter: Meter) -> None:
    meter.begin("turning")
    while True:
        meter(0.5)


def test_cancelled_work_really_ends() -> None:
    cancelled = Event()
    steps = watched(endless, cancelled)
    assert next(steps).now == ("turning", 0.5)
    cancelled.set()
    with pytest.raises(CancelledError):
        outcome(steps)


def test_work_that_nobody_waits_for_is_cancelled() -> None:
    cancelled = Event()
    steps = watched(endless, cancelled)
    next(steps)
    steps.close()
    assert cancelled.is_set()


def test_the_time_left_is_told_once_something_is_known_of_it() -> None:
    meter = Meter(Event())
    meter.begin("turning")
    assert meter.left() is None
    meter(0.5)
    left = meter.left()
    assert left is not None and left >= 0
