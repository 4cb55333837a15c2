"""Measured rows: a JSON file for each job, with the plan that the rows belong to."""

import dataclasses
import json
import multiprocessing
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from sottovoce import __version__
from sottovoce.errors import SottovoceError
from sottovoce.threads import one_thread
from sottovoce.writing import make_folder, write_text

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Row = dict[str, float | str]


class Job(Protocol):
    """A part of a benchmark that is measured on its own; picklable."""

    @property
    def name(self) -> str:
        """Unique within the benchmark; the name of the file with its rows."""
        ...


_LIMITS = ExitStack()

J = TypeVar("J", bound=Job)


def measure_missing(
    jobs: Sequence[J], measure: Callable[[J], list[Row]], folder: Path, plan: "DataclassInstance", *, workers: int
) -> None:
    """Measure the jobs that have no file in `folder` yet, in separate processes.

    Args:
        jobs: all jobs.
        measure: a function defined in a module, because processes have to import it.
        folder: where the rows are kept.
        plan: what the rows depend on.
        workers: number of processes.

    Raises:
        SottovoceError: the folder holds rows of another plan, or two jobs have the same name.
    """
    if repeated := [name for name, count in Counter(job.name for job in jobs).items() if count > 1]:
        raise SottovoceError(f"two models would both be called '{repeated[0]}'; rename one of their files")
    make_folder(folder)
    known = load_rows(folder, plan)
    todo = [job for job in jobs if job.name not in known]
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_single_threaded) as pool:
        running = {pool.submit(measure, job): job for job in todo}
        try:
            for count, done in enumerate(as_completed(running), start=1):
                name = running[done].name
                save_rows(folder, name, plan, done.result())
                print(f"measured {name} ({count} of {len(todo)})", flush=True)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _single_threaded() -> None:
    """For the rest of a process: more would only compete for the same cores."""
    _LIMITS.enter_context(one_thread())


def save_rows(folder: Path, name: str, plan: "DataclassInstance", rows: Sequence[Row]) -> None:
    """Write the rows of the job called `name`, with their plan.

    Raises:
        SottovoceError: the file cannot be written.
    """
    lines = ",\n".join(json.dumps(row) for row in rows)
    write_text(folder / f"{name}.json", f'{{"plan": {json.dumps(describe(plan))}, "rows": [\n{lines}\n]}}\n')


def load_rows(folder: Path, plan: "DataclassInstance") -> dict[str, list[Row]]:
    """All rows in a folder by job name.

    Raises:
        SottovoceError: a file holds rows of another plan, or no rows at all.
    """
    wanted = json.loads(json.dumps(describe(plan)))
    return {path.stem: _of_plan(path, wanted) for path in sorted(folder.glob("*.json"))}


def describe(plan: "DataclassInstance") -> dict[str, object]:
    """What rows depend on: the fields of their plan and the version of sottovoce.

    Only the last part of a path is kept: rows measured on one machine can be continued on another.
    """
    fields = {field.name: _portable(getattr(plan, field.name)) for field in dataclasses.fields(plan)}
    return {**fields, "version": __version__}


def stem(model: str) -> str:
    """The name of a model, or of its file without folder and suffix."""
    return model.rstrip("/").rpartition("/")[2].removesuffix(".safetensors")


def _portable(value: object) -> object:
    match value:
        case Path():
            return value.resolve().name
        case str():
            return stem(value)
        case tuple():
            return [_portable(item) for item in value]
    return value


def read_rows(path: Path) -> tuple[dict[str, object], list[Row]]:
    """The plan and the rows in a file.

    Raises:
        SottovoceError: it holds none.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return dict(content["plan"]), list(content["rows"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise SottovoceError(
            f"{path}: not a file of measured rows; delete it or choose another --rows folder"
        ) from error


def _of_plan(path: Path, wanted: Mapping[str, object]) -> list[Row]:
    plan, rows = read_rows(path)
    different = [key for key in {**wanted, **plan} if plan.get(key) != wanted.get(key)]
    if different:
        theirs, ours = (", ".join(f"{key} {of.get(key)}" for key in different) for of in (plan, wanted))
        raise SottovoceError(
            f"{path}: measured with {theirs}, but this run asks for {ours}; choose another --rows folder or delete it"
        )
    return rows
