"""What a panel of listeners makes of two files, for the page."""

from collections.abc import Collection
from pathlib import Path

from sottovoce.evaluation.matrix_plot import draw_matrix
from sottovoce.evaluation.panel import DEFAULT, Panel
from sottovoce.evaluation.verification import Verification
from sottovoce.evaluation.verify import verify
from sottovoce.models.registry import listeners
from sottovoce.protections.judges import judges
from sottovoce.web.listening import listened
from sottovoce.web.results import Compared, Protected
from sottovoce.web.uploads import Upload
from sottovoce.web.working import Meter
from sottovoce.writing import write_text

MATRIX = "Every listener through every channel"


def here() -> list[str]:
    """The listeners that are on this machine, by name."""
    return [name for name, each in listeners().items() if each.kind != "plug-in" and each.missing() is None]


def usual() -> list[str]:
    """Those of them who listen unless others are chosen."""
    return [name for name in here() if name in DEFAULT]


def judge(result: Protected, meter: Meter, *, survival: bool) -> None:
    """Ask the panel of a protection about a file that it has protected.

    Args:
        result: gets what was found, and the picture of it.
        meter: kept up to date; ends the work when it is cancelled.
        survival: whether the panel also listens after codecs, a telephone line, filters and a room.

    Raises:
        SottovoceError: as `verify`.
        CancelledError: the work is no longer wanted.
    """
    meter.begin("calling the listeners")
    panel, attacked = judges(result.protection)
    meter.begin("listening")
    found = verify(result.original, result.target, panel, survival=survival, attacked=attacked, progress=meter)
    result.verified = found.model_copy(
        update={"original_file": result.report.source, "protected_file": result.report.target}
    )
    result.heard.pictures[MATRIX] = _written(result.verified, result.target.parent, f"panel-{result.number}")


def compare(
    original: Upload,
    protected: Upload,
    folder: Path,
    meter: Meter,
    *,
    names: Collection[str],
    text: str | None,
    survival: bool,
) -> Compared:
    """Compare any two files; `names` are those of the listeners, and `text` is what is said, if it is known.

    Raises:
        SottovoceError: as `verify`.
        CancelledError: the work is no longer wanted.
    """
    meter.begin("calling the listeners")
    panel = Panel.of(names)
    meter.begin("listening")
    found = verify(original.path, protected.path, panel, text=text, survival=survival, progress=meter)
    found = found.model_copy(update={"original_file": original.label, "protected_file": protected.label})
    heard = listened(original.path, protected.path, folder)
    heard.pictures[MATRIX] = _written(found, folder, "panel")
    return Compared(found, heard)


def _written(found: Verification, folder: Path, name: str) -> Path:
    write_text(folder / f"{name}.json", found.model_dump_json(indent=2) + "\n")
    picture = folder / f"{name}.png"
    draw_matrix(picture, found)
    return picture
