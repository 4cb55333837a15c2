"""Manifests: lists of recordings in CSV, one row for each file."""

import csv
import io
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sottovoce.errors import SottovoceError
from sottovoce.remote import Remote, place
from sottovoce.writing import write_text

COLUMNS = ("path", "split", "speaker", "sex", "seconds", "text", "label")


@dataclass(frozen=True)
class Utterance:
    """A recording of a corpus.

    Example:
        >>> utterance = Utterance(Path("14/208/14-208-0000.flac"), "valid", "14", "F", 4.2, "HELLO WORLD")
        >>> utterance.speaker, utterance.text
        ('14', 'HELLO WORLD')

    Attributes:
        path: the sound file.
        split: "train", "valid", "test" or empty.
        speaker: the speaker's name in the corpus, or empty.
        sex: "M", "F" or empty.
        seconds: duration, or 0 if unknown.
        text: transcript in upper case without punctuation except apostrophes, or empty.
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
    """Read a CSV file with the columns path, split, speaker, sex, seconds, text and label; others are ignored.

    Paths are relative to the manifest's folder, or to the folder above if that is called `manifests`. What Excel saves
    is read as well: with a byte order mark, in UTF-16, with semicolons (and decimal commas) or tabs between columns.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     manifest = Path(folder, "list.csv")
        ...     write_manifest(manifest, [Utterance(Path(folder, "a.wav"), "train", label="rain")])
        ...     (utterance,) = read_manifest(manifest)
        >>> utterance.path.name, utterance.split, utterance.label
        ('a.wav', 'train', 'rain')

    Raises:
        SottovoceError: the file cannot be read, lacks a column or has a malformed row.
    """
    root = root_of(path)
    try:
        content = path.read_bytes()
        text = content.decode("utf-16" if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig")
        header = text.partition("\n")[0]
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=header.count))
        missing = set(COLUMNS) - set(reader.fieldnames or ())
        if missing:
            raise SottovoceError(f"{path}: not a manifest, it lacks the columns {', '.join(sorted(missing))}; add them")
        return [_utterance(row, root) for row in reader if any(row.values())]
    except OSError as error:
        raise SottovoceError(f"{path}: the manifest cannot be read ({error.strerror}); check the name") from error
    except (UnicodeDecodeError, ValueError, csv.Error) as error:
        raise SottovoceError(f"{path}: not a manifest in CSV and UTF-8 ({error}); correct the file") from error


def _utterance(row: dict[str, str], root: Path) -> Utterance:
    if None in row or None in row.values():
        raise ValueError(f"the row of {row['path']} does not have as many fields as the header")
    if not row["path"]:
        raise ValueError(f"a row has no path: {', '.join(filter(None, row.values()))}")
    return Utterance(
        path=found if isinstance(found := place(row["path"]), Remote) else root / found,
        split=row["split"],
        speaker=row["speaker"],
        sex=row["sex"],
        seconds=float(row["seconds"].replace(",", ".") or 0),
        text=row["text"],
        label=row["label"],
    )


def write_manifest(path: Path, utterances: Iterable[Utterance]) -> None:
    """Write a manifest, with durations to the millisecond.

    Paths are written as `read_manifest` expects them: relative if they are below its folder, otherwise absolute.

    Raises:
        SottovoceError: the file cannot be written; an existing one is then unchanged.
    """
    root = root_of(path).resolve()
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for u in utterances:
        writer.writerow([_relative(u.path, root), u.split, u.speaker, u.sex, f"{u.seconds:.3f}", u.text, u.label])
    write_text(path, text.getvalue())


def root_of(path: Path) -> Path:
    """The folder that the paths in a manifest are relative to."""
    return path.parent.parent if path.parent.name == "manifests" else path.parent


def _relative(path: Path, root: Path) -> str:
    resolved = path.resolve()
    return str(resolved.relative_to(root) if resolved.is_relative_to(root) else resolved)
