"""`sottovoce export`."""

from pathlib import Path
from typing import Annotated

import typer

from sottovoce.cli.display import say
from sottovoce.cli.options import Overwrite, output_path
from sottovoce.errors import SottovoceError


def export(
    name: Annotated[str, typer.Argument(help="A perturber or enhancer of ours, a name or path.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE.onnx", parser=output_path, help="The file to write.")
    ],
    form: Annotated[str, typer.Option("--format", metavar="onnx", help="The format.")] = "onnx",
    overwrite: Overwrite = False,
) -> None:
    """Write a network for other programs and browsers, checked against what it gives here."""
    from sottovoce.exporting.onnx import export_onnx

    if form != "onnx":
        raise SottovoceError(f"--format {form}: the only format is onnx")
    say(export_onnx(name, output, overwrite=overwrite).line(name))
