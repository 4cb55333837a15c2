"""Verification of folders: a row for each file and enhancer, and means with confidence intervals."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import nn

from sottovoce.corpora.loading import audio_files
from sottovoce.corpora.manifest import read_manifest
from sottovoce.errors import SottovoceError
from sottovoce.evaluation.verify import Heard, Verification, verify
from sottovoce.metrics import bootstrap_interval, mean_of_counted
from sottovoce.models.recognizers import Recognizer

if TYPE_CHECKING:
    import pandas as pd


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
    found = [(file, protected / file.relative_to(originals)) for file in audio_files(originals)]
    kept = [pair for pair in found if pair[1].is_file()]
    if not kept:
        raise SottovoceError(f"{protected}: contains no copy of a sound file in {originals}")
    return kept


def texts(manifest: Path) -> dict[str, str]:
    """Texts of a manifest by file name."""
    return {utterance.path.name: utterance.text for utterance in read_manifest(manifest) if utterance.text}


def evaluate(
    files: list[tuple[Path, Path]],
    enhancers: Mapping[str, nn.Module],
    recognizer: Recognizer,
    *,
    said: Mapping[str, str],
    progress: Callable[[float], None] = lambda _: None,
    failed: Callable[[SottovoceError], None],
) -> "pd.DataFrame":
    """Verify every pair of files.

    Args:
        files: pairs of an original and its protected copy.
        enhancers: loaded enhancers by name.
        recognizer: the recogniser.
        said: true texts by file name; without one, the reference is the transcript of the original.
        progress: called after each pair with the fraction done.
        failed: called with the error of each pair that cannot be compared; the others still are.

    Returns:
        A row for each file and enhancer.
    """
    import pandas as pd

    rows: list[dict[str, object]] = []
    for number, (original, protected) in enumerate(files, 1):
        try:
            rows += _rows(verify(original, protected, enhancers, recognizer, text=said.get(original.name)))
        except SottovoceError as error:
            failed(error)
        progress(number / len(files))
    return pd.DataFrame(rows)


def _rows(result: Verification) -> list[dict[str, object]]:
    shared = {
        "file": result.original_file,
        "snr": result.snr,
        **result.quality,
        **_rates("original", result.original),
        **_rates("protected", result.protected),
    }
    return [
        {
            **shared,
            "enhancer": name,
            "perturbation_gain": behind.perturbation_gain,
            "energy_drop": behind.energy_drop,
            "rpr": float("nan") if behind.rpr_ill_posed else behind.rpr,
            **_rates("enhanced_original", behind.original),
            **_rates("enhanced_protected", behind.protected),
        }
        for name, behind in result.behind.items()
    ]


def _rates(signal: str, heard: Heard) -> dict[str, float]:
    return {f"{signal}_cer": heard.cer, f"{signal}_wer": heard.wer}


def summary(rows: "pd.DataFrame", seed: int = 0) -> "pd.DataFrame":
    """Mean, 95 % bootstrap interval and counts of every measure for each enhancer.

    Args:
        rows: the result of `evaluate`.
        seed: seed of the bootstrap.

    Returns:
        Columns enhancer, measure, mean, low, high, counted (files where the measure is defined) and total.
    """
    import pandas as pd

    generator = torch.Generator().manual_seed(seed)
    lines = []
    for enhancer, group in rows.groupby("enhancer", sort=False):
        for measure in group.columns.drop(["file", "enhancer"]):
            values = torch.tensor(group[measure].to_numpy(dtype=float))
            interval = bootstrap_interval(values, generator=generator)
            lines.append(
                {
                    "enhancer": enhancer,
                    "measure": measure,
                    **mean_of_counted(values)._asdict(),
                    **interval._asdict(),
                }
            )
    columns = ["enhancer", "measure", "mean", "low", "high", "counted", "total"]
    return pd.DataFrame(lines, columns=columns)
