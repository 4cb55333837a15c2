"""Attacked recordings that are kept, so that further listeners hear the same files without a second attack."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from benchmarks.rows import describe
from sottovoce.audio.batch import pad, unpad
from sottovoce.audio.files import Recording, as_mono_16k, read, write
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.errors import SottovoceError
from sottovoce.writing import make_folder, write_text

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

PLAN = "plan.json"


def kept(
    folder: Path, plan: "DataclassInstance", names: Sequence[str], make: Callable[[], tuple[Tensor, Tensor]]
) -> tuple[Tensor, Tensor]:
    """A batch as it is in 16-bit WAV files, which are written first if they are not there.

    Args:
        folder: where the files are kept.
        plan: what they depend on.
        names: a name for each row.
        make: gives the batch `(batch, samples)` in [-1, 1] and the lengths `(batch,)`.

    Returns:
        The batch as read from the files, and the lengths.

    Raises:
        SottovoceError: the folder holds recordings of another plan, or the files cannot be written.
    """
    wanted, note = json.loads(json.dumps({**describe(plan), "names": list(names)})), folder / PLAN
    if not note.is_file():
        make_folder(folder)
        waveforms, lengths = make()
        for name, row in zip(names, unpad(waveforms.detach().cpu(), lengths.cpu()), strict=True):
            write(folder / f"{name}.wav", Recording(row.double().numpy()[:, None], MODEL_RATE, "WAV", "PCM_16"))
        write_text(note, json.dumps(wanted, indent=1))  # last: an interrupted job is done again
    elif json.loads(note.read_text(encoding="utf-8")) != wanted:
        raise SottovoceError(f"{folder}: holds recordings of another plan; delete it")
    return pad([torch.from_numpy(as_mono_16k(read(folder / f"{name}.wav"))) for name in names])
