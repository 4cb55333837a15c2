"""`sottovoce train`."""

from pathlib import Path
from typing import Annotated

import typer

from sottovoce.errors import SottovoceError


def train(
    name: Annotated[str, typer.Argument(help="metricgan-plus or segan.")],
    speech: Annotated[list[Path], typer.Option(help="Manifest or corpus folder of clean speech; may be repeated.")],
    noise: Annotated[list[Path], typer.Option(help="The same of noise; may be repeated.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for log, checkpoint and weights.")],
    settings: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Recipe's setting.")] = None,
    accelerator: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    devices: Annotated[int, typer.Option(help="How many.")] = 1,
    workers: Annotated[int, typer.Option(help="Processes that measure PESQ.")] = 2,
) -> None:
    """Train an enhancer; goes on where it was stopped."""
    from sottovoce.training.recipes import Machine, train

    pairs = [setting.partition("=") for setting in settings or ()]
    if wrong := next((setting for setting in settings or () if "=" not in setting), None):
        raise SottovoceError(f"--set {wrong}: write it as KEY=VALUE")
    machine = Machine(accelerator, devices, workers)
    best = train(name, speech, noise, output, {key: value for key, _, value in pairs}, machine)
    typer.echo(f"the best weights are {best}")
