"""`sottovoce train`."""

from pathlib import Path
from typing import Annotated

import typer

from sottovoce.cli.display import say
from sottovoce.cli.options import Device, Settings, output_path, parsed, source_path

RECIPES = (
    "advgan",
    "deep-speech",
    "dnn",
    "ds-cnn",
    "ecapa-tdnn",
    "keyed-ssed",
    "metricgan-plus",
    "res8",
    "sample-cnn",
    "segan",
    "ssed",
    "wave-unet",
    "whisper-student",
    "wide-resnet",
)
"""The names in `sottovoce.training.recipes`, without its imports, so that the help is fast."""
WORKERS = 2


def train(
    recipe: Annotated[str, typer.Argument(metavar="RECIPE", help=f"One of {', '.join(RECIPES)}.")],
    speech: Annotated[
        list[Path],
        typer.Option(
            metavar="PATH", parser=source_path, help="Manifest or corpus folder of clean speech; may be repeated."
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="FOLDER", parser=output_path, help="Folder for log, checkpoint and weights."
        ),
    ],
    noise: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PATH",
            parser=source_path,
            help="Manifest or corpus folder of noise; may be repeated. Not for ssed or keyed-ssed.",
        ),
    ] = None,
    rooms: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PATH",
            parser=source_path,
            help="Manifest or folder of room impulse responses, for ecapa-tdnn and deep-speech; may be repeated.",
        ),
    ] = None,
    pairs: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PATH",
            parser=source_path,
            help="Folder with pairs of files of the same name in clean/ and noisy/, e.g. adversarial examples, "
            "for enhancers; may be repeated.",
        ),
    ] = None,
    victim: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Network to fool: a classifier for advgan, a speaker encoder for ssed; may be repeated.",
        ),
    ] = None,
    teacher: Annotated[
        str, typer.Option(metavar="NAME", help="A Whisper to learn from, for whisper-student (whisper-tiny.en).")
    ] = "",
    target: Annotated[str, typer.Option(metavar="LABEL", help="Target label, for advgan (default: all labels).")] = "",
    settings: Settings = None,
    device: Device = "auto",
    devices: Annotated[int, typer.Option(metavar="N", help="Number of devices.")] = 1,
    workers: Annotated[
        int | None,
        typer.Option(metavar="N", help=f"Processes that compute PESQ, for metricgan-plus (default: {WORKERS})."),
    ] = None,
    bfloat16: Annotated[
        bool, typer.Option("--bfloat16", help="Compute in bfloat16: faster where the hardware supports it.")
    ] = False,
) -> None:
    """Train a network; an interrupted training resumes from its folder."""
    from sottovoce.training.recipes import Machine, Material, check_options, train

    given = {
        "noise": noise,
        "rooms": rooms,
        "pairs": pairs,
        "victim": victim,
        "teacher": teacher,
        "target": target,
        "workers": workers,
    }
    check_options(recipe, [option for option, value in given.items() if value is not None and value != ""])
    chosen = parsed(settings)
    if victim:
        chosen["victims"] = ",".join(victim)
    if teacher:
        chosen["teacher"] = teacher
    if target:
        chosen["target"] = target
    machine = Machine(device, devices, WORKERS if workers is None else workers, bfloat16)
    best = train(recipe, Material(speech, noise or (), rooms or (), pairs or ()), output, chosen, machine)
    say(f"The best weights are in {best}.")
