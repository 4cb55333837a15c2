"""Everybody who may listen to a file, by name: our networks, third parties' and those of installed plug-ins."""

import re
from collections.abc import Container, Iterable
from functools import cache, partial
from importlib.metadata import EntryPoint, entry_points
from typing import NoReturn, get_args

from sottovoce.errors import SottovoceError
from sottovoce.models.built_in import built_in
from sottovoce.models.listener import Kind, Listener, in_one_line
from sottovoce.weights.fetching import Hub, Source
from sottovoce.weights.store import EMBEDDED, SUFFIX

GROUP = "sottovoce.listeners"
"""The entry points by which other packages add listeners: each names a `Listener`, or a function that gives one."""
KINDS: tuple[Kind, ...] = get_args(Kind)
NAME = re.compile(r"[\w.-]+")
ALL = "all"
"""Stands for everybody on the command line, so that nobody can be called so."""
WHISPER = re.compile(r"whisper-[a-z0-9][a-z0-9.-]*")
"""OpenAI's other networks, which are no part of the panel, load by these names too."""


def listeners() -> dict[str, Listener]:
    """The panel by name: recognisers, the most accurate first, then speaker encoders, then enhancers.

    Listeners of plug-ins come last of their kind; none can take the name of another. A plug-in that cannot be loaded
    is there as well, after all others: as `missing`, with the reason.
    """
    found = {listener.name: listener for listener in (*_built_in(), *_plugged_in())}
    return {name: each for kind in KINDS for name, each in found.items() if each.kind == kind}


def source_of(name: str) -> Source:
    """Where `sottovoce models fetch` gets a listener.

    Raises:
        SottovoceError: it comes with a package, or there is no such listener.

    Example:
        >>> source_of("whisper-small.en")
        Hub(repository='openai/whisper-small.en')
    """
    listener = listeners().get(name)
    if listener is None:
        if (EMBEDDED / f"{name}{SUFFIX}").is_file():
            raise SottovoceError(f"{name}: is bundled; there is nothing to fetch")
        if WHISPER.fullmatch(name):
            return Hub(f"openai/{name}")
        raise SottovoceError(f"{name}: no listener that can be fetched; name a model's repository with --repository")
    if listener.fetched_from is None:
        raise SottovoceError(f"{name}: {listener.missing() or 'is here already; there is nothing to fetch'}")
    return listener.fetched_from


@cache
def _built_in() -> tuple[Listener, ...]:
    return built_in()


def _plugged_in() -> Iterable[Listener]:
    taken = {ALL, *(listener.name for listener in _built_in())}
    for point in entry_points(group=GROUP):
        given = _given(point)
        if isinstance(given, Listener) and not _free(given.name, taken):
            given = f"the name {given.name!r} is taken"
        if not isinstance(given, Listener):
            given = _stand_in(point.name if _free(point.name, taken) else point.value, point, given)
        taken.add(given.name)
        yield given


def _free(name: str, taken: Container[str]) -> bool:
    """Whether a listener can be called so: bundled models that are not in the panel have names too."""
    return bool(NAME.fullmatch(name)) and name not in taken and not (EMBEDDED / (name + SUFFIX)).exists()


@cache
def _given(point: EntryPoint) -> Listener | str:
    """What a plug-in gives, or what is wrong with it."""
    try:
        given = point.load()
        listener = given if isinstance(given, Listener) else given()
    except (Exception, SystemExit) as error:
        return in_one_line(error)
    if not isinstance(listener, Listener):
        return f"it gives {type(listener).__name__}, not Listener"
    if not isinstance(listener.name, str) or not NAME.fullmatch(listener.name):
        return f"{listener.name!r} cannot be a name"
    if listener.kind not in KINDS[:-1]:
        return f"{listener.kind!r} is no kind of listener"
    return listener


def _stand_in(name: str, point: EntryPoint, reason: str) -> Listener:
    """A listener that is not here, so that one broken package is told of and breaks no command."""
    package = "the package" if point.dist is None else point.dist.name
    complaint = f"{name}: {point.value} is no plug-in ({reason}); update it, or: pip uninstall {package}"
    fail = partial(_fail, complaint)
    unknown = "unknown"
    return Listener(name, "plug-in", unknown, None, unknown, package, unknown, False, load=fail, locate=fail)


def _fail(message: str) -> NoReturn:
    raise SottovoceError(message)


__all__ = ["ALL", "GROUP", "KINDS", "Kind", "Listener", "listeners", "source_of"]
