"""`sottovoce evaluate`."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from sottovoce.cli.course import lengths_of
from sottovoce.cli.display import complain, complain_of, is_watched, progress_bar
from sottovoce.cli.options import (
    Attacked,
    Device,
    Engine,
    Jobs,
    Listeners,
    Overwrite,
    Survival,
    names,
    output_path,
    source_path,
)
from sottovoce.cli.options import engine as engine_of
from sottovoce.errors import SottovoceError
from sottovoce.processes import each


def evaluate(
    originals: Annotated[
        Path,
        typer.Argument(
            parser=source_path,
            metavar="ORIGINALS",
            help="Folder of originals, a pattern in quotes ('rec/**/*.wav'), or a manifest (.csv).",
        ),
    ],
    protected: Annotated[
        Path,
        typer.Argument(
            parser=source_path,
            metavar="PROTECTED",
            help="Folder of their protected copies, as protect ORIGINALS -o PROTECTED writes them.",
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="DIR", parser=output_path, help="Folder for evaluation.csv and summary.csv."
        ),
    ],
    listeners: Listeners = None,
    survival: Survival = False,
    attacked: Attacked = None,
    manifest: Annotated[
        Path | None,
        typer.Option(
            metavar="CSV",
            parser=source_path,
            help="Manifest with the true texts, by the originals' paths (default: ORIGINALS, if that is a manifest).",
        ),
    ] = None,
    jobs: Jobs = None,
    engine: Engine = "processes",
    overwrite: Overwrite = False,
    device: Device = "cpu",
) -> None:
    """Measure the protection of a folder: a row per file, listener and channel, and means with 95 % intervals.

    An interrupted run goes on where it stopped.
    """
    from sottovoce.cli.means import show_summary
    from sottovoce.corpora.selection import is_manifest
    from sottovoce.evaluation import folders
    from sottovoce.evaluation.panel import Panel
    from sottovoce.evaluation.panel import missing as not_here
    from sottovoce.evaluation.survival import survival_channels
    from sottovoce.journal import check_free
    from sottovoce.writing import make_folder, write_together

    who = None if listeners is None else names(listeners, "--listeners")
    absent, load = not_here(who), partial(Panel.of, who, device)
    run = engine_of(engine, device)
    panel = load() if run is each and jobs in (None, 1) else load
    those_attacked = [] if attacked is None else names(attacked, "--attacked")
    files, missing = folders.pairs(originals, protected), folders.unpaired(originals, protected)
    if manifest is None and is_manifest(originals):
        manifest = originals
    said = {} if manifest is None else folders.texts(manifest)
    results, means = output / "evaluation.csv", output / "summary.csv"
    for file in (results, means):
        check_free(file, overwrite=overwrite)
    make_folder(output)
    known = sum(original.resolve() in said for original, _ in files)
    if manifest is not None and known < len(files):
        fits = f"gives the text of only {known} of the {len(files)} originals" if known else "fits no original"
        complain(
            f"{manifest}: {fits} (its paths are relative to its folder); without a text, the reference is what is "
            "heard in the original"
        )
    errors: list[tuple[Path, Exception]] = []
    ledger = output / "unfinished.jsonl"

    def failed(original: Path, error: Exception) -> None:
        errors.append((original, error))

    with progress_bar("evaluating") as progress:
        rows = folders.evaluate(
            files,
            panel,
            said=said,
            survival=survival,
            attacked=those_attacked,
            missing=missing,
            ledger=ledger,
            jobs=jobs,
            run=run,
            lengths=lengths_of([original for original, _ in files]) if is_watched() else None,
            progress=progress,
            failed=failed,
        )
    for original, error in errors:
        complain_of(error, original)
    for file, reason in missing.items():
        complain(f"{file}: {reason}")
    if len(errors) == len(files):
        raise SottovoceError(f"none of the {len(files)} pairs could be compared")
    summary = folders.summary(rows)
    write_together(
        {file: each.to_csv(index=False).encode() for file, each in ((results, rows), (means, summary))}, ours=True
    )
    ledger.unlink(missing_ok=True)
    show_summary(summary, those_attacked)
    for name, (kind, reason) in absent.items():
        complain(f"{name}: this {kind} is not in the results: {reason}")
    for name, reason in survival_channels().missing.items() if survival else ():
        complain(f"{name}: not in the results: {reason}")
    unheard = rows[(rows["kind"] == "words") & (rows["problem"] != "")]["file"].nunique()
    if unheard:
        complain(
            f"{unheard} of {len(files)} pairs have no word error rates, because no transcript of the original can be "
            "trusted; give the true words with --manifest, or name a better recogniser first in --listeners"
        )
    if errors:
        complain(f"{len(errors)} of {len(files)} pairs could not be compared")
    if missing:
        complain(f"{len(missing)} {'file has' if len(missing) == 1 else 'files have'} no counterpart")
    if errors or missing:
        raise typer.Exit(1)
