"""`sottovoce enhance`."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from sottovoce.cli.batch import for_each
from sottovoce.cli.options import Device, Output, Overwrite, Sources
from sottovoce.cli.places import places
from sottovoce.cli.staging import anywhere, staged
from sottovoce.cli.summary import Outcome
from sottovoce.workers import Tell


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

    def clean(source: Path, target: Path, tell: Tell) -> Outcome:
        return Outcome(enhance_file(source, target, enhancer, tell, overwrite=overwrite), "enhanced")

    build = staged(partial(anywhere, lambda: clean), sources, output, overwrite=overwrite)
    for_each(places(sources, output), output, build, "enhanced", of_originals=False)
