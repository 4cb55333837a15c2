"""`sottovoce bench`."""

from pathlib import Path
from typing import Annotated

import typer

from sottovoce.cli.settings import SettingsOption, parsed

app = typer.Typer(help="The papers' tables and figures, and the speed.", no_args_is_help=True)
Output = Annotated[Path, typer.Option("-o", "--output", help="Folder for tables and figures.")]
RESULTS = Path("docs/results")


@app.command()
def enhancement(
    data: Annotated[Path, typer.Option(help="Folder with the corpora and their manifests/.")],
    dtln: Annotated[Path | None, typer.Option(help="Folder with DTLN's two ONNX files, an unseen enhancer.")] = None,
    count: Annotated[int, typer.Option(help="Mixtures at each SNR, one a speaker.")] = 25,
    seed: Annotated[int, typer.Option(help="Of the noise excerpts.")] = 0,
    workers: Annotated[int, typer.Option(help="Processes.")] = 2,
    output: Output = RESULTS / "enhancement",
) -> None:
    """Attacks on speech enhancement, the paper's values beside ours; a rerun measures what is missing."""
    from benchmarks.dong2022.bench import Plan, run

    run(Plan(data, dtln, count, seed), output, workers=workers)


@app.command()
def speaker(
    data: Annotated[Path, typer.Option(help="Folder with the corpora and their manifests/.")],
    generator: Annotated[list[str] | None, typer.Option(help="Name or path; repeat. The first is looked into.")] = None,
    attacker: Annotated[
        str, typer.Option(help="A removal module trained on the output of the first generator that is named.")
    ] = "",
    seed: Annotated[int, typer.Option(help="Of trials and noise.")] = 0,
    workers: Annotated[int, typer.Option(help="Processes.")] = 2,
    output: Output = RESULTS / "speaker",
) -> None:
    """Hiding who speaks and giving the voice back, the paper's values beside ours; a rerun measures what is missing."""
    from benchmarks.guo2024.bench import ATTACKER, GENERATORS, Plan, run

    named = (tuple(generator), attacker) if generator else (GENERATORS, attacker or ATTACKER)
    run(Plan(data, *named, seed=seed), output, workers=workers)


@app.command()
def commands(
    data: Annotated[Path, typer.Option(help="Folder with the corpora and their manifests/.")],
    music: Annotated[
        Path | None, typer.Option(help="GTZAN's folder, or a manifest of music, to run on as well.")
    ] = None,
    searched: Annotated[int, typer.Option(help="Clips of each label that the searches get, by target.")] = 1,
    seed: Annotated[int, typer.Option(help="Of the searches.")] = 0,
    workers: Annotated[int, typer.Option(help="Processes.")] = 2,
    output: Output = RESULTS / "commands",
) -> None:
    """Targeted keywords, the paper's values beside ours; a rerun measures what is missing."""
    from benchmarks.recordings import place
    from benchmarks.wang2020.bench import run
    from benchmarks.wang2020.plan import Plan

    plans = [Plan("commands", place(data, "commands"), "wide-resnet", "advgan", searched, seed)]
    if music is not None:
        plans.append(Plan("music", music, "sample-cnn", "advgan-music", searched, seed))
    for plan in plans:
        run(plan, output, workers=workers)


@app.command()
def recognition(
    data: Annotated[Path, typer.Option(help="Folder with the corpora and their manifests/.")],
    dtln: Annotated[Path | None, typer.Option(help="Folder with DTLN's two ONNX files, an enhancer of others.")] = None,
    count: Annotated[int, typer.Option(help="Utterances, one a speaker, that are attacked.")] = 10,
    snr: Annotated[float, typer.Option(help="Lowest SNR in dB of the attack in rooms.")] = 10.0,
    generations: Annotated[int, typer.Option(help="Of the evolutionary attack.")] = 50,
    seed: Annotated[int, typer.Option(help="Of rooms, noise and searches.")] = 0,
    workers: Annotated[int, typer.Option(help="Processes.")] = 2,
    output: Output = RESULTS / "recognition",
) -> None:
    """Recognisers under attack and enhancers before them, the paper's values beside ours; a rerun goes on."""
    from benchmarks.yang2020.bench import run
    from benchmarks.yang2020.plan import Plan

    plan = Plan(data, dtln=dtln, count=count, snr=snr, generations=generations, seed=seed)
    run(plan, output, workers=workers)


@app.command()
def ablation(
    name: Annotated[str, typer.Argument(help="ssed or advgan.")],
    speech: Annotated[list[Path], typer.Option(help="Manifest or corpus folder of speech; may be repeated.")],
    settings: SettingsOption = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Folder; docs/results/ablation-NAME.")] = None,
) -> None:
    """Short trainings of a recipe with and without its switches or terms; a rerun goes on."""
    from benchmarks.ablation import run
    from sottovoce.training.recipes import Machine, Material

    run(name, Material(speech), output or RESULTS / f"ablation-{name}", parsed(settings), Machine())


@app.command()
def speed(output: Output = RESULTS / "speed") -> None:
    """What attacks and generators cost in time and memory."""
    from sottovoce.evaluation.speed.bench import run

    run(output)
