"""One task after another, in this process or in several, where a process that dies costs nothing but its task."""

import os
import pickle
import signal
import threading
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from types import FrameType
from typing import Any, NoReturn

from sottovoce.threads import one_thread
from sottovoce.workers import HOPELESS, PATIENCE, Broken, Died, Done, Named, Told, Work, portable, spread, unheard


def each(
    build: Callable[[], Work],
    tasks: Sequence[Any],
    *,
    processes: int | None = None,
    told: Told = unheard,
    name: Named = str,
) -> Generator[Done, None, None]:
    """Do every task, whatever becomes of the others; close the iterator to stop early.

    A number of processes gives the same results as any other number: each computes on one thread (or on as many as
    `OMP_NUM_THREADS` says), for more threads add up in another order, and so to other last digits. Each process has a
    pipe of its own, so that one that is killed leaves no lock behind; its task is tried once more. Processes end with
    the one that started them.

    Args:
        build: makes what does the tasks, once in each process; is pickled, like tasks, messages and results, where
            there are several.
        tasks: in the order in which they are begun.
        processes: how many work at the same time. 1 works in this process, and so does None, on all threads.
        told: called in this process with the place of a task and each message of it.
        name: what messages call a task.

    Yields:
        The tasks as they are done.

    Raises:
        Exception: of `build`.
        SottovoceError: the processes die one after another.

    Example:
        >>> def build():
        ...     return lambda task, tell: 1 / task
        >>> [done.result or type(done.error).__name__ for done in each(build, [1, 0, 4])]
        [1.0, 'ZeroDivisionError', 0.25]
    """
    if not tasks:
        return
    if processes is None:
        yield from _here(build(), tasks, told)
    elif min(processes, len(tasks)) <= 1:
        with _one_thread():
            yield from _here(build(), tasks, told)
    else:
        number = min(processes, len(tasks))
        yield from spread(partial(_Process, build), _ready, tasks, number, hopeless=HOPELESS, told=told, name=name)


def _here(work: Work, tasks: Sequence[Any], told: Told) -> Generator[Done, None, None]:
    for place, task in enumerate(tasks):
        try:
            done = Done(place, work(task, partial(told, place)))
        except Exception as error:
            done = Done(place, error=error)
        yield done


def _ready(processes: Collection["_Process"]) -> Collection["_Process"]:
    """Those that have something to say; waits until there are any."""
    by_connection: dict[Any, _Process] = {process.connection: process for process in processes}
    return [by_connection[connection] for connection in wait(list(by_connection))]


class _Process:
    """Another process, and the task that it does."""

    def __init__(self, build: Callable[[], Work]) -> None:
        context = get_context("spawn")
        self.place = -1
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,))
        with _ignoring_interrupts():
            self.process.start()
        theirs.close()
        self._send(build)

    def begin(self, place: int, tasks: Sequence[Any]) -> None:
        self.place = place
        self._send((place, tasks[place]))

    def receive(self) -> Any:
        try:
            return self.connection.recv()
        except (EOFError, OSError):
            self.end()
            code = self.process.exitcode
            return Died(f"signal {-code}" if code is not None and code < 0 else f"exit status {code}")

    def stop(self) -> None:
        self.process.terminate()

    def end(self) -> None:
        self.connection.close()
        self.process.join(PATIENCE)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()

    def _send(self, message: Any) -> None:
        """Send what cannot be lost: if the process is dead, that is noticed when nothing comes back."""
        content = pickle.dumps(message)
        with suppress(OSError):
            self.connection.send_bytes(content)


def _serve(connection: Connection) -> None:
    """Do tasks until the other end of the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the first process, which then ends the others
    signal.signal(signal.SIGTERM, _leave)
    try:
        build = connection.recv()
        with _one_thread():
            try:
                work = build()
            except Exception as error:
                connection.send(Broken(portable(error)))
                return
            while True:
                place, task = connection.recv()
                try:
                    done = Done(place, work(task, connection.send))
                except Exception as error:
                    done = Done(place, error=portable(error))
                connection.send(done)
    except (EOFError, OSError):  # whoever wanted the results is gone
        return


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    """Leave by an exception, which lets files be put away."""
    raise SystemExit(128 + number)


@contextmanager
def _ignoring_interrupts() -> Iterator[None]:
    """Processes that are started meanwhile ignore Ctrl-C from their first moment on."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _one_thread() -> AbstractContextManager[None]:
    """`one_thread`, unless `OMP_NUM_THREADS` says otherwise, which every library obeys."""
    return nullcontext() if "OMP_NUM_THREADS" in os.environ else one_thread()
