"""`sottovoce enhance`."""

from pathlib import Path
from typing import Annotated

import typer

from sottovoce.cli.display import progress_bar
from sottovoce.cli.options import Device, Output, Overwrite, Sources
from sottovoce.cli.places import for_each, jobs


def enhance(
    sources: Sources,
    output: Output,
    model: Annotated[
        str, typer.Option("--with", metavar="ENHANCER", help="A name or path; + chains them.")
    ] = "metricgan-plus",
    device: Device = "cpu",
    overwrite: Overwrite = False,
) -> None:
    """Remove noise from sound files, as an eavesdropper would."""
    from sottovoce.evaluation.enhance import enhance_file, load_enhancers

    enhancer = load_enhancers([model], device)[model]

    def clean(source: Path, target: Path) -> str:
        with progress_bar(source.name) as progress:
            return enhance_file(source, target, enhancer, progress, overwrite=overwrite)

    for_each(jobs(sources, output), output, clean, "enhanced", of_originals=False)
