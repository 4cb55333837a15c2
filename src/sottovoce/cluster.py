"""One task after another in the actors of a Ray cluster, where an actor that dies costs nothing but its task."""

import logging
import os
import threading
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from queue import SimpleQueue
from typing import Any

from sottovoce.errors import SottovoceError
from sottovoce.workers import HOPELESS, PATIENCE, Broken, Died, Done, Named, Told, Work, portable, spread, unheard

_STORE = 80 * 2**20
"""Bytes of a local Ray's store of objects, which only tasks, messages and results pass through."""


def check() -> None:
    """Make sure that Ray is installed.

    Raises:
        SottovoceError: it is not.
    """
    _ray()


def each(
    build: Callable[[], Work],
    tasks: Sequence[Any],
    *,
    processes: int | None = None,
    told: Told = unheard,
    name: Named = str,
    gpu: bool = False,
) -> Generator[Done, None, None]:
    """Do every task in an actor of a Ray cluster; otherwise as `processes.each`, with the same results.

    The cluster is the one at `RAY_ADDRESS`; without that, a Ray on this machine is started and ends with this run. An
    actor computes on one thread, or on as many as `OMP_NUM_THREADS` says; it gets the variables of the environment
    whose names begin with `SOTTOVOCE_`.

    Args:
        build: makes what does the tasks, once in each actor.
        tasks: in the order in which they are begun.
        processes: the number of actors; None for as many as the cluster has processors, or GPUs if `gpu`.
        told: called in this process with the place of a task and each message of it.
        name: what messages call a task.
        gpu: whether each actor gets a GPU, if the cluster has any.

    Yields:
        The tasks as they are done.

    Raises:
        Exception: of `build`.
        SottovoceError: Ray is not installed, there is no cluster at the address, or the actors die one after another.
    """
    if not tasks:
        return
    with _connected():
        has = _ray().cluster_resources()
        gpus = 1 if gpu and has.get("GPU") else 0
        number = min(processes or int(has.get("GPU" if gpus else "CPU", 1)), len(tasks))
        hire = partial(_Actor, _class(gpus), build)
        # a machine that is lost takes all of its actors along
        yield from spread(hire, _ready, tasks, number, hopeless=max(HOPELESS, 2 * number), told=told, name=name)


class _Acting:
    """What runs in another process: does tasks, and says as a stream what they say."""

    def __init__(self, build: Callable[[], Work]) -> None:
        self.build = build
        self.work: Work | None = None
        self.stopped = False

    def do(self, place: int, task: Any) -> Iterator[Any]:
        """Do a task: what it says, at last a `Done` or a `Broken`."""
        said = SimpleQueue[Any]()
        threading.Thread(target=self._do, args=(place, task, said.put), daemon=True).start()
        while not isinstance(message := said.get(), Done | Broken):
            yield message
        yield message

    def stop(self) -> None:
        """End the task as soon as it has something to say."""
        self.stopped = True

    def _do(self, place: int, task: Any, say: Callable[[Any], None]) -> None:
        def tell(message: Any) -> None:
            if self.stopped:
                raise SottovoceError("stopped")
            say(message)

        try:
            self.work = self.work or self.build()
        except Exception as error:
            say(Broken(portable(error)))
            return
        try:
            say(Done(place, self.work(task, tell)))
        except Exception as error:
            say(Done(place, error=portable(error)))


class _Actor:
    """An actor, and the task that it does."""

    def __init__(self, actors: Any, build: Callable[[], Work]) -> None:
        self.place = -1
        self.actor = actors.remote(build)
        self.messages: Any = None

    def begin(self, place: int, tasks: Sequence[Any]) -> None:
        self.place = place
        self.messages = self.actor.do.options(num_returns="streaming").remote(place, tasks[place])

    def receive(self) -> Any:
        ray = _ray()
        try:
            return ray.get(next(self.messages))
        except ray.exceptions.RayActorError as error:
            return Died(str(error).partition("\n")[0].rstrip("."))

    def stop(self) -> None:
        self.actor.stop.options(concurrency_group="stop").remote()

    def end(self) -> None:
        ray = _ray()
        with suppress(ray.exceptions.RayError, StopIteration):
            while ray.wait([self.messages], timeout=PATIENCE)[0]:
                ray.get(next(self.messages))
        ray.kill(self.actor)


def _ready(actors: Collection[_Actor]) -> Collection[_Actor]:
    """Those that have something to say; waits until there are any."""
    ray, by_messages = _ray(), {actor.messages: actor for actor in actors}
    some, rest = ray.wait(list(by_messages), num_returns=1)
    if rest:
        some += ray.wait(rest, num_returns=len(rest), timeout=0)[0]
    return [by_messages[messages] for messages in some]


def _class(gpus: int) -> Any:
    """The class of actors, with what each needs."""
    ours = {name: value for name, value in os.environ.items() if name.startswith("SOTTOVOCE_")}
    threads = {"OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1")}
    return _ray().remote(
        num_cpus=1,
        num_gpus=gpus,
        runtime_env={"env_vars": ours | threads},
        concurrency_groups={"stop": 1},
    )(_Acting)


@contextmanager
def _connected() -> Iterator[None]:
    """In touch with a cluster meanwhile: with one that this process is in touch with already, or else with its own."""
    ray = _ray()
    if ray.is_initialized():
        yield
        return
    address = os.environ.get("RAY_ADDRESS") or "local"
    settings = {"include_dashboard": False, "object_store_memory": _STORE} if address == "local" else {}
    try:
        ray.init(address, log_to_driver=False, logging_level=logging.CRITICAL, **settings)
    except Exception as error:  # of several kinds, with messages of many lines
        reason = str(error).partition("\n")[0]
        raise SottovoceError(f"Ray at {address}: {reason.rstrip('.')}; check RAY_ADDRESS") from error
    try:
        yield
    finally:
        ray.shutdown()


def _ray() -> Any:
    """The package, which then sends nobody statistics of its use."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        import ray
    except ImportError as error:
        raise SottovoceError("--engine ray needs the extra 'cluster': pip install 'sottovoce[cluster]'") from error
    return ray
