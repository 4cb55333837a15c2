"""One task after another, in this process or in several, where a process that dies costs nothing but its task."""

import os
import pickle
import signal
import threading
import traceback
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from types import FrameType
from typing import Any, NoReturn

from sottovoce.errors import SottovoceError

Tell = Callable[[Any], None]
"""Called with whatever a task has to say while it is being done."""
Work = Callable[[Any, Tell], Any]
"""Does a task and returns its result."""

TRIES = 2
HOPELESS = 10
"""Processes that die one after another, without a task that is finished, before no more are started."""
PATIENCE = 10.0
"""Seconds that a process gets to put away its temporary files."""


@dataclass(frozen=True)
class Done:
    """A task that is over.

    Attributes:
        place: its place among the tasks.
        result: what came of it; None if it failed.
        error: why it failed; None if it did not. In a note, it has the traceback from another process.
    """

    place: int
    result: Any = None
    error: Exception | None = None


def each(
    build: Callable[[], Work],
    tasks: Sequence[Any],
    *,
    processes: int | None = None,
    told: Callable[[int, Any], None] = lambda place, message: None,
    name: Callable[[Any], object] = str,
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
        yield from _elsewhere(build, tasks, min(processes, len(tasks)), told, name)


def _here(work: Work, tasks: Sequence[Any], told: Callable[[int, Any], None]) -> Generator[Done, None, None]:
    for place, task in enumerate(tasks):
        try:
            done = Done(place, work(task, partial(told, place)))
        except Exception as error:
            done = Done(place, error=error)
        yield done


def _elsewhere(
    build: Callable[[], Work],
    tasks: Sequence[Any],
    processes: int,
    told: Callable[[int, Any], None],
    name: Callable[[Any], object],
) -> Generator[Done, None, None]:
    waiting, tries, deaths = deque(range(len(tasks))), Counter[int](), 0
    idle: list[_Process] = []
    busy: dict[Any, _Process] = {}
    try:
        while waiting or busy:
            while waiting and len(busy) < processes:
                process = idle.pop() if idle else _Process(build)
                busy[process.connection] = process
                process.begin(waiting.popleft(), tasks)
            for connection in wait(list(busy)):
                process = busy[connection]
                place, message = process.place, process.receive()
                if isinstance(message, _Broken):
                    raise message.error
                if not isinstance(message, Done | _Died):
                    told(place, message)
                    continue
                del busy[connection]
                if isinstance(message, Done):
                    deaths = 0
                    idle.append(process)
                    yield message
                    continue
                deaths += 1
                tries[place] += 1
                if deaths == HOPELESS:
                    raise SottovoceError(f"one process after another dies ({message.reason}); try fewer --jobs")
                if tries[place] < TRIES:
                    waiting.appendleft(place)
                else:
                    reason = f"the process that worked on it died twice ({message.reason}); try fewer --jobs"
                    yield Done(place, error=SottovoceError(f"{name(tasks[place])}: {reason}"))
    finally:
        everybody = [*busy.values(), *idle]
        for process in everybody:
            process.process.terminate()
        for process in everybody:
            process.end()


@dataclass(frozen=True)
class _Broken:
    """What a process says that cannot begin."""

    error: Exception


@dataclass(frozen=True)
class _Died:
    reason: str


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
        """The next message: a `Done`, a `_Broken`, a `_Died`, or what the task has to say."""
        try:
            return self.connection.recv()
        except (EOFError, OSError):
            self.end()
            code = self.process.exitcode
            return _Died(f"signal {-code}" if code is not None and code < 0 else f"exit status {code}")

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
                connection.send(_Broken(_portable(error)))
                return
            while True:
                place, task = connection.recv()
                try:
                    done = Done(place, work(task, connection.send))
                except Exception as error:
                    done = Done(place, error=_portable(error))
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


@contextmanager
def _one_thread() -> Iterator[None]:
    """Networks compute on one thread meanwhile, unless `OMP_NUM_THREADS` says otherwise."""
    if "OMP_NUM_THREADS" in os.environ:
        yield
        return
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _portable(error: Exception) -> Exception:
    """An error that can be sent, with its traceback in a note."""
    told = "".join(traceback.format_exception(error)).rstrip()
    try:
        sent: Exception = pickle.loads(pickle.dumps(error))
    except Exception:  # its constructor takes something else than its arguments
        sent = RuntimeError(f"{type(error).__name__}: {error}")
    sent.add_note(told)
    return sent
