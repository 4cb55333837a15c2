"""Recordings through the one `protect_file`, for the page."""

import zipfile
from collections.abc import Iterable
from pathlib import Path

from sottovoce.audio import files
from sottovoce.audio.files import Sound
from sottovoce.audio.formats import Layout, can_write, keeps, layout_for
from sottovoce.protections.base import protect_file
from sottovoce.reversible.keys import Secret
from sottovoce.web.choices import Choice
from sottovoce.web.listening import listened
from sottovoce.web.results import Protected
from sottovoce.web.uploads import Upload
from sottovoce.web.working import Meter
from sottovoce.writing import write_text


def protect(
    upload: Upload, folder: Path, number: int, choice: Choice, secret: Secret | None, meter: Meter
) -> Protected:
    """Protect one recording; its report lies beside it.

    Args:
        upload: the recording.
        folder: an empty one, for all that is made.
        number: of the recording, from 1.
        choice: what to hide, and how.
        secret: for a way back; None for none.
        meter: kept up to date; ends the work when it is cancelled.

    Raises:
        SottovoceError: as `protect_file`.
        CancelledError: nothing is written then.
    """
    meter.begin("getting ready")
    protection = choice.protection()
    suffix, note = _suffix(upload.path.suffix, files.opened(upload.path), wants_all=secret is not None)
    target = folder / f"protected-{number}{suffix}"
    meter.begin("protecting")
    report = protect_file(upload.path, target, protection, secret=secret, progress=meter)
    notes = [*report.notes, *([note] if note else [])]
    report = report.model_copy(update={"source": upload.label, "target": target.name, "notes": notes})
    write_text(folder / f"report-{number}.json", report.model_dump_json(indent=2) + "\n")
    meter.begin("preparing the player")
    heard = listened(upload.path, target, folder)
    return Protected(upload.label, number, upload.path, target, report, protection, heard)


def packed(files: Iterable[Path], target: Path) -> Path:
    """Several files as one archive, as they are."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for file in files:
            archive.write(file, file.name)
    return target


def _suffix(suffix: str, sound: Sound, *, wants_all: bool) -> tuple[str, str | None]:
    """The suffix of the target: the original's, or .wav where that cannot be written, or not without loss."""
    if not can_write(suffix):
        return ".wav", f"saved as .wav, since {suffix} cannot be written"
    layout = layout_for(suffix, Layout(sound.format, sound.subtype, sound.endian))
    if wants_all and not keeps(layout.subtype, sound.subtype):
        return ".wav", f"saved as .wav, since {suffix} loses a little of the sound, and then there is no exact way back"
    return suffix, None
