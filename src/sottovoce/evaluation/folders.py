"""Verification of folders: a row for each file, listener and channel, and means with confidence intervals."""

import operator
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from sottovoce.corpora.loading import audio_files
from sottovoce.corpora.manifest import read_manifest
from sottovoce.corpora.selection import select
from sottovoce.errors import SottovoceError
from sottovoce.evaluation.attacked import is_attacked
from sottovoce.evaluation.ledger import Ledger
from sottovoce.evaluation.matrix import Cell
from sottovoce.evaluation.panel import Panel
from sottovoce.evaluation.verification import Verification
from sottovoce.evaluation.verify import QUALITY, readable, verify
from sottovoce.metrics import bootstrap_interval, mean_of_counted, wilcoxon
from sottovoce.processes import each
from sottovoce.workers import Each, Tell

if TYPE_CHECKING:
    import pandas as pd

DESCRIPTIONS = ("file", "listener", "kind", "channel", "attacked", "view", "reference", "problem")
"""Columns of `evaluate` that hold no measures."""
FIGURES = ("original", "protected", "noise_as_loud", "noise_alike")
MEASURES = {"words": FIGURES, "voice": FIGURES, "enhancer": ("perturbation_gain", "energy_drop", "rpr")}
"""By the kind of row; those of a file are its SNR and `QUALITY`."""


def pairs(originals: Path, protected: Path) -> list[tuple[Path, Path]]:
    """Originals and their copies, which have the same path below a folder.

    Args:
        originals: a folder, pattern or manifest; see `corpora.selection` for the paths in it.
        protected: the folder of the copies, as `sottovoce protect ORIGINALS -o PROTECTED` writes it.

    Raises:
        SottovoceError: there are no pairs.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     before, after = Path(folder, "before"), Path(folder, "after")
        ...     for place, names in ((before, ("a.wav", "b.wav")), (after, ("b.wav", "c.wav"))):
        ...         place.mkdir()
        ...         for name in names:
        ...             (place / name).touch()
        ...     [pair[0].name for pair in pairs(before, after)]
        ['b.wav']
    """
    kept = [(file, protected / name) for file, name in _originals(originals, protected)]
    kept = [pair for pair in kept if pair[1].is_file()]
    if not kept:
        raise SottovoceError(f"{protected}: contains no copy of a sound file in {originals}")
    return kept


def unpaired(originals: Path, protected: Path) -> dict[Path, str]:
    """Originals without a copy and, where these are all of a folder, copies without an original; what is missing."""
    listed = _originals(originals, protected)
    found = {file: f"no copy in {protected}" for file, name in listed if not (protected / name).is_file()}
    if originals.is_dir():
        for file in _sounds(protected, originals):
            if not (originals / file.relative_to(protected)).is_file():
                found[file] = f"no original in {originals}"
    return found


def _originals(originals: Path, protected: Path) -> list[tuple[Path, Path]]:
    """The originals, and their paths below the folder, pattern or manifest."""
    if originals.is_dir():
        return [(file, file.relative_to(originals)) for file in _sounds(originals, protected)]
    return [(path, name) for path, name, _ in select(originals)]


def _sounds(folder: Path, other: Path) -> list[Path]:
    """The sound files below a folder, without those of the other folder if that lies inside."""
    inside = other.resolve()
    if inside == folder.resolve():
        raise SottovoceError(f"{folder}: originals and copies are in the same folder; name two folders")
    if not inside.is_relative_to(folder.resolve()):
        return audio_files(folder)
    return [file for file in audio_files(folder) if not file.resolve().is_relative_to(inside)]


def texts(manifest: Path) -> dict[Path, str]:
    """Texts of a manifest by the resolved paths of its files."""
    return {utterance.path.resolve(): utterance.text for utterance in read_manifest(manifest) if utterance.text.strip()}


def evaluate(
    files: list[tuple[Path, Path]],
    panel: Panel | Callable[[], Panel],
    *,
    said: Mapping[Path, str],
    survival: bool = False,
    attacked: Collection[str] = (),
    missing: Mapping[Path, str] | None = None,
    ledger: Path | None = None,
    jobs: int | None = None,
    run: Each = each,
    lengths: Sequence[float] | None = None,
    progress: Callable[[float], None] = lambda _: None,
    failed: Callable[[Path, Exception], None],
) -> "pd.DataFrame":
    """Verify every pair of files.

    Args:
        files: pairs of an original and its protected copy.
        panel: who listens; or, for several `jobs`, what loads them in each process.
        said: true texts by the originals' resolved paths; without one, the reference is the transcript of the original.
        survival: whether to measure everything again after codecs, filters, purifiers and a room.
        attacked: names of the listeners on which the perturbations were made, whether they listen here or not.
        missing: files that cannot be compared, and why; see `unpaired`.
        ledger: file of what was measured before an interruption, and is not measured again; see `Ledger`.
        jobs: number of processes; see `processes.each`.
        run: what runs them; `processes.each` or `cluster.each`.
        lengths: durations of the originals, by which progress is counted; None to count files.
        progress: called with the fraction done.
        failed: called with each original that cannot be compared with its copy, and the error; the others still are.

    Returns:
        For each file a row on its quality and one on each enhancer, which have no listener, and a row for each listener
        and channel, of the view that is weakest there. The column "attacked" says whether one of the two was attacked.
        Where there is nothing to compare, the column "problem" says why.
    """
    import pandas as pd

    tasks = [(*pair, said.get(pair[0].resolve())) for pair in files]
    comparing = _Comparing(panel, survival, attacked, ledger)
    weights = [1.0] * len(files) if lengths is None else lengths
    shares, rows = [0.0] * len(files), [list[dict[str, object]]() for _ in files]

    def told(place: int, share: float) -> None:
        shares[place] = share
        progress(sum(map(operator.mul, shares, weights)) / sum(weights))

    with closing(run(comparing, tasks, processes=jobs, told=told, name=lambda task: task[0])) as finished:
        for done in finished:
            rows[done.place] = done.result
            if done.error is not None:  # a batch goes on
                original, error = files[done.place][0], done.error
                failed(original, error)
                reason = str(error) if isinstance(error, SottovoceError) else f"{type(error).__name__}: {error}"
                rows[done.place] = [_without_figures(original, reason)]
            told(done.place, 1.0)
    flat = [*chain(*rows), *(_without_figures(file, reason) for file, reason in (missing or {}).items())]
    known = [name for name in DESCRIPTIONS if any(name in row for row in flat)]
    table = pd.DataFrame(flat)
    return table[[*known, *table.columns.drop(known)]]


@dataclass(frozen=True)
class _Comparing:
    """Makes what gives the rows of a pair; as `processes.each` takes it."""

    panel: Panel | Callable[[], Panel]
    survival: bool
    attacked: Collection[str]
    ledger: Path | None

    def __call__(self) -> Callable[[tuple[Path, Path, str | None], Tell], list[dict[str, object]]]:
        panel = self.panel if isinstance(self.panel, Panel) else self.panel()
        ledger = Ledger(self.ledger)

        def compare(task: tuple[Path, Path, str | None], tell: Tell) -> list[dict[str, object]]:
            original, protected, text = task
            result = verify(
                original,
                protected,
                panel,
                text=text,
                survival=self.survival,
                attacked=self.attacked,
                progress=tell,
                ledger=ledger,
            )
            return _rows(result)

        return compare


def _without_figures(file: Path, reason: str) -> dict[str, object]:
    place = {"file": readable(file), "listener": "", "kind": "file", "channel": "", "attacked": False}
    return {**place, "problem": readable(reason)}


def _rows(result: Verification) -> list[dict[str, object]]:
    reference = "given" if result.reference_by is None else result.reference_by
    whole = {**_place(result, "", "file", ""), "problem": result.aligned or "", "snr": result.snr, **result.quality}
    rows = [whole, *_strengths(result), *(_row(result, cell) for cell in result.matrix())]
    return [row | {"reference": reference} for row in rows]


def _strengths(result: Verification) -> list[dict[str, object]]:
    """What each enhancer makes of the perturbation, in the view where its output loses least."""
    rows: list[dict[str, object]] = []
    for name in next(iter(result.views.values())).strengths:
        view = min(result.views, key=lambda view: result.views[view].strengths[name].energy_drop)
        each = result.views[view].strengths[name]
        figures = each.model_dump(include={"perturbation_gain", "energy_drop", "rpr"})
        if each.rpr_ill_posed:
            figures["rpr"] = float("nan")
        rows.append({**_place(result, "", "enhancer", name), "view": view, "problem": "", **figures})
    return rows


def _row(result: Verification, cell: Cell) -> dict[str, object]:
    figures = cell.model_dump(include={"original", "protected", "noise_as_loud", "noise_alike", "threshold"})
    place = _place(result, cell.listener, cell.kind, cell.channel)
    return {**place, "view": cell.view, "problem": cell.problem or "", **figures}


def _place(result: Verification, listener: str, kind: str, channel: str) -> dict[str, object]:
    attacked = any(is_attacked(name, result.attacked) for name in (listener, channel))
    return {
        "file": result.original_file,
        "listener": listener,
        "kind": kind,
        "channel": channel,
        "attacked": attacked,
    }


def summary(rows: "pd.DataFrame", seed: int = 0) -> "pd.DataFrame":
    """Mean, 95 % bootstrap interval and counts of every measure for each listener and channel.

    Args:
        rows: the result of `evaluate`.
        seed: seed of the bootstrap.

    Returns:
        Columns kind, listener, channel, attacked, measure, mean, low, high, counted (files where the measure is
        finite), total, infinite (files where it is, such as the SNR of identical files), and for the figures of
        protected files the p-values of Wilcoxon's test against noise as loud and noise alike.
    """
    import pandas as pd

    generator, whole = torch.Generator().manual_seed(seed), {"snr", *QUALITY}
    lines: list[dict[str, object]] = []
    for place, group in rows.groupby(["kind", "listener", "channel", "attacked"], sort=False):
        kind, listener, channel, attacked = place
        measures = group.columns.drop([*DESCRIPTIONS, "threshold"], errors="ignore")
        for measure in measures:
            if measure not in MEASURES.get(str(kind), whole):
                continue
            values = _column(group, measure)
            finite = torch.where(values.isinf(), torch.nan, values)
            interval = bootstrap_interval(finite, generator=generator)
            line = {"kind": kind, "listener": listener, "channel": channel, "attacked": attacked, "measure": measure}
            line |= mean_of_counted(finite)._asdict() | interval._asdict() | {"infinite": int(values.isinf().sum())}
            if measure == "protected":
                for control in ("noise_as_loud", "noise_alike"):
                    line[f"p_{control}"] = wilcoxon(values, _column(group, control))
            lines.append(line)
    places = ["kind", "listener", "channel", "attacked", "measure"]
    figures = ["mean", "low", "high", "counted", "total", "infinite", "p_noise_as_loud", "p_noise_alike"]
    return pd.DataFrame(lines, columns=[*places, *figures])


def _column(group: "pd.DataFrame", name: str) -> torch.Tensor:
    return torch.tensor(group[name].to_numpy(dtype=float))
