"""`sottovoce enhance`."""

from pathlib import Path
from typing import Annotated

import typer

from sottovoce.cli.display import progress_bar
from sottovoce.cli.places import for_each, jobs


def enhance(
    sources: Annotated[list[Path], typer.Argument(metavar="IN...", help="Sound files, or folders of them.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file or folder to write.")],
    model: Annotated[str, typer.Option("--with", help="Enhancer, a name or path.")] = "metricgan-plus",
) -> None:
    """Take the noise out of sound files, as an eavesdropper would, or before a recogniser that is attacked."""
    from sottovoce.evaluation.enhance import clean_file, load_enhancers

    enhancer = load_enhancers([model])[model]

    def clean(source: Path, target: Path) -> str:
        with progress_bar(source.name) as progress:
            return clean_file(source, target, enhancer, progress)

    for_each(jobs(sources, output), output, clean, "enhanced")
