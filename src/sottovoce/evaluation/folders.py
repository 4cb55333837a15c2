"""Verification of folders: a row for each file and enhancer, and means with confidence intervals."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import nn

from sottovoce.corpora.loading import audio_files
from sottovoce.corpora.manifest import read_manifest
from sottovoce.errors import SottovoceError
from sottovoce.evaluation.verify import Heard, Verification, readable, verify
from sottovoce.metrics import bootstrap_interval, mean_of_counted
from sottovoce.models.recognizers import Recognizer

if TYPE_CHECKING:
    import pandas as pd

DESCRIPTIONS = ("file", "enhancer", "problem", "view", "reference_given")
"""Columns of `evaluate` that hold no measures."""


def pairs(originals: Path, protected: Path) -> list[tuple[Path, Path]]:
    """Pairs of sound files with the same relative path in two folders.

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
    kept = [(file, protected / file.relative_to(originals)) for file in _sounds(originals, protected)]
    kept = [pair for pair in kept if pair[1].is_file()]
    if not kept:
        raise SottovoceError(f"{protected}: contains no copy of a sound file in {originals}")
    return kept


def unpaired(originals: Path, protected: Path) -> dict[Path, str]:
    """Sound files of either folder that are missing in the other, and what is missing."""
    found = dict[Path, str]()
    for folder, other, missing in ((originals, protected, "no copy"), (protected, originals, "no original")):
        for file in _sounds(folder, other):
            if not (other / file.relative_to(folder)).is_file():
                found[file] = f"{missing} in {other}"
    return found


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
    enhancers: Mapping[str, nn.Module],
    recognizer: Recognizer,
    *,
    said: Mapping[Path, str],
    missing: Mapping[Path, str] | None = None,
    progress: Callable[[float], None] = lambda _: None,
    failed: Callable[[Path, Exception], None],
) -> "pd.DataFrame":
    """Verify every pair of files.

    Args:
        files: pairs of an original and its protected copy.
        enhancers: loaded enhancers by name.
        recognizer: the recogniser.
        said: true texts by the originals' resolved paths; without one, the reference is the transcript of the original.
        missing: files that cannot be compared, and why; see `unpaired`.
        progress: called after each pair with the fraction done.
        failed: called with each original that cannot be compared with its copy, and the error; the others still are.

    Returns:
        A row for each file and enhancer, of the view that is weakest there. Where there is nothing to compare, the
        column "problem" says why.
    """
    import pandas as pd

    rows: list[dict[str, object]] = []
    for number, (original, protected) in enumerate(files, 1):
        try:
            text = said.get(original.resolve())
            rows += _rows(verify(original, protected, enhancers, recognizer, text=text))
        except Exception as error:  # a batch goes on
            failed(original, error)
            reason = str(error) if isinstance(error, SottovoceError) else f"{type(error).__name__}: {error}"
            rows += _without_figures(original, reason, enhancers)
        progress(number / len(files))
    for file, reason in (missing or {}).items():
        rows += _without_figures(file, reason, enhancers)
    known = [name for name in DESCRIPTIONS if any(name in row for row in rows)]
    table = pd.DataFrame(rows)
    return table[[*known, *table.columns.drop(known)]]


def _without_figures(file: Path, reason: str, enhancers: Iterable[str]) -> list[dict[str, object]]:
    return [{"file": readable(file), "enhancer": name, "problem": readable(reason)} for name in enhancers]


def _rows(result: Verification) -> list[dict[str, object]]:
    shared = {
        "file": result.original_file,
        "reference_given": result.reference_given,
        "snr": result.snr,
        **result.quality,
        **_rates("original", result.original),
        **_rates("protected", result.protected),
    }
    return [
        {
            **shared,
            "enhancer": name,
            "problem": result.views[result.weakest(name)].worthless or "",
            "view": result.weakest(name),
            "perturbation_gain": enhanced.perturbation_gain,
            "energy_drop": enhanced.energy_drop,
            "rpr": float("nan") if enhanced.rpr_ill_posed else enhanced.rpr,
            **_rates("enhanced_original", enhanced.original),
            **_rates("enhanced_protected", enhanced.protected),
        }
        for name, enhanced in result.enhanced.items()
    ]


def _rates(signal: str, heard: Heard) -> dict[str, float]:
    return {f"{signal}_cer": heard.cer, f"{signal}_wer": heard.wer}


def summary(rows: "pd.DataFrame", seed: int = 0) -> "pd.DataFrame":
    """Mean, 95 % bootstrap interval and counts of every measure for each enhancer.

    Args:
        rows: the result of `evaluate`.
        seed: seed of the bootstrap.

    Returns:
        Columns enhancer, measure, mean, low, high, counted (files where the measure is finite), total, and infinite
        (files where it is, such as the SNR of identical files).
    """
    import pandas as pd

    generator = torch.Generator().manual_seed(seed)
    lines = []
    for enhancer, group in rows.groupby("enhancer", sort=False):
        for measure in group.columns.drop(list(DESCRIPTIONS), errors="ignore"):
            values = torch.tensor(group[measure].to_numpy(dtype=float))
            finite = torch.where(values.isinf(), torch.nan, values)
            interval = bootstrap_interval(finite, generator=generator)
            lines.append(
                {
                    "enhancer": enhancer,
                    "measure": measure,
                    **mean_of_counted(finite)._asdict(),
                    **interval._asdict(),
                    "infinite": int(values.isinf().sum()),
                }
            )
    columns = ["enhancer", "measure", "mean", "low", "high", "counted", "total", "infinite"]
    return pd.DataFrame(lines, columns=columns)
