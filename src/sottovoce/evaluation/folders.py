"""Verification over folders: a row per file and enhancer, and means with confidence intervals."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import nn

from sottovoce.corpora.loading import audio_files
from sottovoce.corpora.manifest import read_manifest
from sottovoce.errors import SottovoceError
from sottovoce.evaluation.verify import Verification, verify
from sottovoce.metrics import bootstrap_interval, mean_of_counted
from sottovoce.models.recognizers import Recognizer

if TYPE_CHECKING:
    import pandas as pd


def pairs(originals: Path, protected: Path) -> list[tuple[Path, Path]]:
    """Files of the same relative name in two folders.

    Raises:
        SottovoceError: there are none.
    """
    found = [(file, protected / file.relative_to(originals)) for file in audio_files(originals)]
    kept = [pair for pair in found if pair[1].is_file()]
    if not kept:
        raise SottovoceError(f"{protected}: holds no copy of a sound file in {originals}")
    return kept


def texts(manifest: Path) -> dict[str, str]:
    """What is said, by file name, from a manifest."""
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
    """Verify every pair.

    Args:
        files: originals and protected copies.
        enhancers: loaded enhancers by name.
        recognizer: who listens.
        said: true texts by file name; other files are compared with what the recogniser hears in the original.
        progress: called with the finished share.
        failed: called for each pair that cannot be compared; the rest are still compared.

    Returns:
        A row per file and enhancer.
    """
    rows: list[dict[str, object]] = []
    for number, (original, protected) in enumerate(files, 1):
        try:
            rows += _rows(verify(original, protected, enhancers, recognizer, text=said.get(original.name)))
        except SottovoceError as error:
            failed(error)
        progress(number / len(files))
    import pandas as pd

    return pd.DataFrame(rows)


def _rows(result: Verification) -> list[dict[str, object]]:
    shared = {
        "file": result.original_file,
        "snr": result.snr,
        **result.quality,
        **_rates("original", result),
        **_rates("protected", result),
    }
    return [
        {
            **shared,
            "enhancer": name,
            "perturbation_gain": behind.perturbation_gain,
            "energy_drop": behind.energy_drop,
            "rpr": float("nan") if behind.rpr_ill_posed else behind.rpr,
            **{f"enhanced_{key}": value for key, value in _rates("original", behind).items()},
            **{f"enhanced_{key}": value for key, value in _rates("protected", behind).items()},
        }
        for name, behind in result.behind.items()
    ]


def _rates(which: str, holder: object) -> dict[str, float]:
    heard = getattr(holder, which)
    return {f"{which}_cer": heard.cer, f"{which}_wer": heard.wer}


def summary(rows: "pd.DataFrame", seed: int = 0) -> "pd.DataFrame":
    """Mean, 95 % bootstrap interval and counts of every measure, by enhancer.

    Args:
        rows: from `evaluate`.
        seed: of the bootstrap.

    Returns:
        Columns enhancer, measure, mean, low, high, counted (files with a value) and total.
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
