"""Tasks given to workers that may die: each is done once, and once more if its worker died over it."""

import pickle
import traceback
from collections import Counter, deque
from collections.abc import Callable, Collection, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sottovoce.errors import SottovoceError

Tell = Callable[[Any], None]
"""Called with whatever a task has to say while it is being done."""
Work = Callable[[Any, Tell], Any]
"""Does a task and returns its result."""
Told = Callable[[int, Any], None]
"""Called with the place of a task and a message of it."""
Named = Callable[[Any], object]
"""What messages call a task."""

TRIES = 2
HOPELESS = 10
"""Workers that die one after another, without a task that is finished, before no more are started."""
PATIENCE = 10.0
"""Seconds that a worker gets to put away its temporary files."""


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


@dataclass(frozen=True)
class Broken:
    """What a worker says that cannot begin."""

    error: Exception


@dataclass(frozen=True)
class Died:
    """What stands for the last words of a worker that is dead."""

    reason: str


class Each(Protocol):
    """What runs many tasks: `processes.each`, or `cluster.each`."""

    def __call__(
        self,
        build: Callable[[], Work],
        tasks: Sequence[Any],
        *,
        processes: int | None = None,
        told: Told = ...,
        name: Named = ...,
    ) -> Generator[Done, None, None]:
        """Do every task; see `processes.each`."""
        ...


class Worker(Protocol):
    """Somebody who does a task at a time.

    Attributes:
        place: the task that it does.
    """

    place: int

    def begin(self, place: int, tasks: Sequence[Any]) -> None:
        """Begin a task, if it still lives."""

    def receive(self) -> Any:
        """The next message: a `Done`, a `Broken`, a `Died`, or what the task has to say."""

    def stop(self) -> None:
        """Ask it to put away its temporary files and end."""

    def end(self) -> None:
        """Wait for its end, but not for ever."""


W = TypeVar("W", bound=Worker)


def unheard(place: int, message: Any) -> None:
    """Hear nothing of what tasks have to say."""


def spread(
    hire: Callable[[], W],
    ready: Callable[[Collection[W]], Collection[W]],
    tasks: Sequence[Any],
    number: int,
    *,
    hopeless: int,
    told: Told,
    name: Named,
) -> Generator[Done, None, None]:
    """Spread tasks over workers; the task of one that dies is tried once more, by another.

    Args:
        hire: gives a new worker.
        ready: waits until some of these workers have something to say, and returns them.
        tasks: in the order in which they are begun.
        number: how many work at the same time.
        hopeless: deaths one after another, without a task that is finished, before no more workers are hired.
        told: called with the place of a task and each message of it.
        name: what messages call a task.

    Yields:
        The tasks as they are done.

    Raises:
        Exception: of a worker that cannot begin.
        SottovoceError: the workers die one after another.
    """
    waiting, tries, deaths = deque(range(len(tasks))), Counter[int](), 0
    idle: list[W] = []
    busy: list[W] = []
    try:
        while waiting or busy:
            while waiting and len(busy) < number:
                worker = idle.pop() if idle else hire()
                busy.append(worker)
                worker.begin(waiting.popleft(), tasks)
            for worker in ready(busy):
                place, message = worker.place, worker.receive()
                if isinstance(message, Broken):
                    raise message.error
                if not isinstance(message, Done | Died):
                    told(place, message)
                    continue
                busy.remove(worker)
                if isinstance(message, Done):
                    deaths = 0
                    idle.append(worker)
                    yield message
                    continue
                deaths += 1
                tries[place] += 1
                if deaths == hopeless:
                    raise SottovoceError(f"one process after another dies ({message.reason}); try fewer --jobs")
                if tries[place] < TRIES:
                    waiting.appendleft(place)
                else:
                    reason = f"the process that worked on it died twice ({message.reason}); try fewer --jobs"
                    yield Done(place, error=SottovoceError(f"{name(tasks[place])}: {reason}"))
    finally:
        everybody = [*busy, *idle]
        for worker in everybody:
            worker.stop()
        for worker in everybody:
            worker.end()


def portable(error: Exception) -> Exception:
    """An error that can be sent, with its traceback in a note."""
    told = "".join(traceback.format_exception(error)).rstrip()
    try:
        sent: Exception = pickle.loads(pickle.dumps(error))
    except Exception:  # its constructor takes something else than its arguments
        sent = RuntimeError(f"{type(error).__name__}: {error}")
    sent.add_note(told)
    return sent
