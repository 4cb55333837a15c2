"""`sottovoce train`."""

from pathlib import Path
from typing import Annotated

import typer

from sottovoce.cli.options import Settings, parsed

RECIPES = (
    "advgan",
    "deep-speech",
    "dnn",
    "ecapa-tdnn",
    "metricgan-plus",
    "sample-cnn",
    "segan",
    "ssed",
    "wave-unet",
    "wide-resnet",
)


def train(
    name: Annotated[
        str,
        typer.Argument(help=f"One of {', '.join(RECIPES)}."),
    ],
    speech: Annotated[list[Path], typer.Option(help="Manifest or corpus folder of clean speech; may be repeated.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for log, checkpoint and weights.")],
    noise: Annotated[list[Path] | None, typer.Option(help="The same of noise; may be repeated.")] = None,
    rooms: Annotated[
        list[Path] | None, typer.Option(help="The same of impulse responses, for ecapa-tdnn and deep-speech.")
    ] = None,
    pairs: Annotated[
        list[Path] | None,
        typer.Option(help="Stored adversarial examples for enhancers: files of one name in clean/ and noisy/."),
    ] = None,
    victim: Annotated[
        list[str] | None, typer.Option(help="For ssed speaker encoders, repeat; for advgan a classifier.")
    ] = None,
    target: Annotated[str, typer.Option(help="The one label that advgan aims at; all of them without.")] = "",
    settings: Settings = None,
    accelerator: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    devices: Annotated[int, typer.Option(help="How many.")] = 1,
    workers: Annotated[int, typer.Option(help="Processes that measure PESQ.")] = 2,
    bfloat16: Annotated[bool, typer.Option(help="Fewer digits, about twice as fast where the processor can.")] = False,
) -> None:
    """Train a network; goes on where it was stopped."""
    from sottovoce.training.recipes import Machine, Material, train

    chosen = parsed(settings)
    if victim:
        chosen["victim" if name == "advgan" else "victims"] = ",".join(victim)
    if target:
        chosen["target"] = target
    material = Material(speech, noise or (), rooms or (), pairs or ())
    best = train(name, material, output, chosen, Machine(accelerator, devices, workers, bfloat16))
    typer.echo(f"the best weights are {best}")
