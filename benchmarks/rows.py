"""What a bench has measured, a file a job, so that a rerun measures only what is missing."""

import json
import multiprocessing
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Protocol, TypeVar

from sottovoce.errors import SottovoceError

Row = dict[str, float | str]


class Job(Protocol):
    """A part of a bench that can be measured on its own; picklable."""

    @property
    def name(self) -> str:
        """Unique within the bench; the name of its file."""
        ...


J = TypeVar("J", bound=Job)


def measure_missing(jobs: Sequence[J], measure: Callable[[J], list[Row]], out: Path, *, workers: int) -> None:
    """Measure the jobs that have no file in `out/rows/` yet, in processes of their own.

    Args:
        jobs: all of the bench.
        measure: a function of a module, as processes need it.
        out: the bench's folder.
        workers: processes.

    Raises:
        SottovoceError: two jobs have one name, so that their rows would be taken for each other's.
    """
    if repeated := [name for name, count in Counter(job.name for job in jobs).items() if count > 1]:
        raise SottovoceError(f"two models would both be called '{repeated[0]}'; rename one of their files")
    rows = out / "rows"
    rows.mkdir(parents=True, exist_ok=True)
    todo = [job for job in jobs if not (rows / f"{job.name}.json").exists()]
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        running = {pool.submit(measure, job): job for job in todo}
        try:
            for done in as_completed(running):
                _save(rows / f"{running[done].name}.json", done.result())
                print(f"measured {running[done].name}", flush=True)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def load_rows(out: Path) -> dict[str, list[Row]]:
    """All rows measured so far, by job name."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((out / "rows").glob("*.json"))}


def _save(path: Path, rows: list[Row]) -> None:
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    temporary.replace(path)


def stem(model: str) -> str:
    """A model's name, or that of its file without folder and suffix, as part of a job's name."""
    return model.rstrip("/").rpartition("/")[2].removesuffix(".safetensors")
