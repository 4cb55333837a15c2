"""Lists of recordings: a CSV with a row per file."""

import csv
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sottovoce.errors import SottovoceError

COLUMNS = ("path", "split", "speaker", "sex", "seconds", "text", "label")


@dataclass(frozen=True)
class Utterance:
    """One recording of a corpus.

    Attributes:
        path: where the file is.
        split: "train", "valid" or "test".
        speaker: the speaker's name in the corpus, or empty.
        sex: "M", "F" or empty.
        seconds: duration, or 0 when unknown.
        text: what is said, upper case without punctuation except the apostrophe, or empty.
        label: keyword, noise class, room or SNR, or empty.
    """

    path: Path
    split: str = ""
    speaker: str = ""
    sex: str = ""
    seconds: float = 0.0
    text: str = ""
    label: str = ""


def read_manifest(path: Path) -> list[Utterance]:
    """Read a manifest CSV with the columns path, split, speaker, sex, seconds, text, label (others are ignored).

    Paths in it are relative to the manifest's folder, or to the folder above when the manifest lies in `manifests/`.

    Raises:
        SottovoceError: if the file is missing, or lacks a column, or a row is malformed.
    """
    root = _root(path)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            missing = set(COLUMNS) - set(reader.fieldnames or ())
            if missing:
                raise SottovoceError(f"{path}: not a manifest, it lacks the columns {', '.join(sorted(missing))}.")
            return [_utterance(row, root) for row in reader]
    except OSError as error:
        raise SottovoceError(f"{path}: cannot read the manifest ({error.strerror}).") from error
    except (UnicodeDecodeError, ValueError, csv.Error) as error:
        raise SottovoceError(f"{path}: not a manifest in UTF-8 CSV ({error}).") from error


def _utterance(row: dict[str, str], root: Path) -> Utterance:
    if None in row or None in row.values():
        raise ValueError(f"the row of {row['path']} does not have as many fields as the header")
    return Utterance(
        path=root / row["path"],
        split=row["split"],
        speaker=row["speaker"],
        sex=row["sex"],
        seconds=float(row["seconds"] or 0),
        text=row["text"],
        label=row["label"],
    )


def write_manifest(path: Path, utterances: Iterable[Utterance]) -> None:
    """Write a manifest, durations to the millisecond.

    Paths below the folder that `read_manifest` starts from are written relative to it, others absolute.

    Raises:
        SottovoceError: if the file cannot be written; what was there before is then still there.
    """
    root = _root(path).resolve()
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for u in utterances:
                place = _relative(u.path, root)
                writer.writerow([place, u.split, u.speaker, u.sex, f"{u.seconds:.3f}", u.text, u.label])
        temporary.replace(path)
    except OSError as error:
        raise SottovoceError(f"{path}: cannot write the manifest ({error.strerror}).") from error
    finally:
        temporary.unlink(missing_ok=True)


def _root(path: Path) -> Path:
    return path.parent.parent if path.parent.name == "manifests" else path.parent


def _relative(path: Path, root: Path) -> str:
    resolved = path.resolve()
    return str(resolved.relative_to(root) if resolved.is_relative_to(root) else resolved)
